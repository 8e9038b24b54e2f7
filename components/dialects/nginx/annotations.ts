import type { TextCodec } from './values.ts';
import * as values from './values.ts';

/** Every annotation there is, with how its value is written. */
export const nginxTable = {
  'auth-realm': values.realm,
  'auth-response-headers': values.vouchedNames,
  'auth-secret': values.secretName,
  'auth-secret-type': values.word('auth-file'),
  'auth-type': values.word('basic'),
  'auth-url': values.url,
  affinity: values.word('cookie'),
  'allowlist-source-range': values.addresses,
  'backend-protocol': values.word('HTTP', 'HTTPS', 'GRPC'),
  'cors-allow-credentials': values.flag,
  'cors-allow-headers': values.headerNames,
  'cors-allow-methods': values.methods,
  'cors-allow-origin': values.origins,
  'cors-expose-headers': values.headerNames,
  'cors-max-age': values.whole(0, 86_400),
  'enable-cors': values.flag,
  'permanent-redirect': values.url,
  'permanent-redirect-code': values.word('301', '308'),
  'proxy-body-size': values.bodySize,
  'proxy-buffering': values.onOff,
  'proxy-connect-timeout': values.seconds,
  'proxy-next-upstream': values.word('off'),
  'proxy-read-timeout': values.seconds,
  'proxy-request-buffering': values.onOff,
  'proxy-send-timeout': values.seconds,
  'session-cookie-name': values.cookieName,
  'ssl-redirect': values.flag,
  'temporal-redirect': values.url,
  'temporal-redirect-code': values.word('302', '307'),
} as const;

/** The same for our own prefix. */
export const ownTable = {
  'auth-timeout': values.time,
  'encoded-slash': values.word('refuse', 'allow'),
  'hsts-include-subdomains': values.flag,
  'hsts-max-age': values.whole(1, 9_999 * 86_400),
  'hsts-preload': values.flag,
  'remove-request-headers': values.removedNames,
  'rewrite-to': values.path,
  websocket: values.flag,
} as const;

/** Some of the fields of a table. */
export type Written<Table> = {
  readonly [Name in keyof Table]?: Table[Name] extends TextCodec<infer T> ? T : never;
};

/** The fields of both tables. */
export interface WrittenOptions {
  readonly nginx: Written<typeof nginxTable>;
  readonly own: Written<typeof ownTable>;
}
