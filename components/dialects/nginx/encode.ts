import { type IngressCors, type IngressOptions, type IngressProtection, nginxPrefix, ownPrefix } from '../nginx.ts';
import { nginxTable, ownTable, type Written, type WrittenOptions } from './annotations.ts';
import type { TextCodec } from './values.ts';

/** Options as annotations, sorted by name. What ingress-nginx and we have different defaults for is always written. */
export function encodeIngress(options: IngressOptions): Readonly<Record<string, string>> {
  const { nginx, own } = written(options);
  return Object.fromEntries(
    [...print(ownPrefix, ownTable, own), ...print(nginxPrefix, nginxTable, nginx)].toSorted(([a], [b]) =>
      a < b ? -1 : 1,
    ),
  );
}

function print(prefix: string, codecs: object, fields: object): [string, string][] {
  return Object.entries(fields).flatMap(([name, value]): [string, string][] => {
    const codec = (codecs as Readonly<Record<string, TextCodec<unknown>>>)[name];
    return value === undefined || codec === undefined ? [] : [[`${prefix}${name}`, codec.print(value)]];
  });
}

function written(options: IngressOptions): WrittenOptions {
  const { streaming, responseMs, hsts, rewriteTo, websocket, encodedSlash, removedHeaders, protection } = options;
  return {
    nginx: {
      ...writtenProtection(protection),
      ...writtenRedirect(options.redirect),
      ...writtenCors(options.cors),
      ...(options.allowFrom === null ? {} : { 'allowlist-source-range': options.allowFrom }),
      ...(options.backendProtocol === 'HTTP' ? {} : { 'backend-protocol': options.backendProtocol }),
      ...(options.httpsRedirect === null ? {} : { 'ssl-redirect': options.httpsRedirect }),
      ...(options.sticky === null ? {} : { affinity: 'cookie', 'session-cookie-name': options.sticky.cookie }),
      'proxy-body-size': options.bodyLimitBytes,
      'proxy-buffering': !streaming,
      'proxy-connect-timeout': options.connectMs,
      'proxy-next-upstream': 'off',
      'proxy-read-timeout': responseMs,
      'proxy-request-buffering': !streaming,
      'proxy-send-timeout': responseMs,
    },
    own: {
      ...(protection.kind === 'forwardAuth' ? { 'auth-timeout': protection.timeoutMs } : {}),
      ...(encodedSlash === 'allow' ? { 'encoded-slash': encodedSlash } : {}),
      ...(hsts === null ? {} : writtenHsts(hsts)),
      ...(removedHeaders.length === 0 ? {} : { 'remove-request-headers': removedHeaders }),
      ...(rewriteTo === null ? {} : { 'rewrite-to': rewriteTo }),
      ...(websocket ? { websocket } : {}),
    },
  };
}

function writtenProtection(protection: IngressProtection): Written<typeof nginxTable> {
  switch (protection.kind) {
    case 'open':
      return {};
    case 'forwardAuth':
      return {
        'auth-url': protection.url,
        ...(protection.responseHeaders.length === 0 ? {} : { 'auth-response-headers': protection.responseHeaders }),
      };
    case 'basicAuth':
      return {
        'auth-type': 'basic',
        'auth-secret': protection.secret,
        'auth-secret-type': 'auth-file',
        'auth-realm': protection.realm,
      };
    default:
      return protection satisfies never;
  }
}

function writtenHsts({ maxAgeSeconds, includeSubdomains, preload }: NonNullable<IngressOptions['hsts']>) {
  return {
    'hsts-max-age': maxAgeSeconds,
    ...(includeSubdomains ? { 'hsts-include-subdomains': true } : {}),
    ...(preload ? { 'hsts-preload': true } : {}),
  };
}

function writtenRedirect(redirect: IngressOptions['redirect']): Written<typeof nginxTable> {
  if (redirect === null) return {};
  const { status, to } = redirect;
  return status === 301 || status === 308
    ? { 'permanent-redirect': to, 'permanent-redirect-code': `${status}` }
    : { 'temporal-redirect': to, 'temporal-redirect-code': `${status}` };
}

function writtenCors(cors: IngressCors | null): Written<typeof nginxTable> {
  if (cors === null) return {};
  return {
    'enable-cors': true,
    'cors-allow-credentials': cors.credentials,
    ...(cors.headers.length === 0 ? {} : { 'cors-allow-headers': cors.headers }),
    'cors-allow-methods': cors.methods,
    'cors-allow-origin': cors.origins,
    ...(cors.exposeHeaders.length === 0 ? {} : { 'cors-expose-headers': cors.exposeHeaders }),
    'cors-max-age': cors.maxAgeSeconds,
  };
}
