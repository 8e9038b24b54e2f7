import type { EdgeSettings, Route, RouteProtection } from '../routing-table.ts';
import type { Definitions } from './definitions.ts';
import { block, type Directive, directive } from './directive.ts';
import { fingerprint, literal, milliseconds, variableName } from './encode.ts';
import { authRequestHeaders } from './headers.ts';

/** What asking somebody needs to know of the server that asks. */
export interface Asking {
  readonly settings: EdgeSettings;
  readonly definitions: Definitions;
  /** Locations that no request can name, by name: their names have no leading slash. */
  readonly internal: Map<string, Directive>;
}

export const unavailable = '@ep_unavailable';
const keyCheck = 'ep/key';

/** Protection that lets somebody through. */
export type Askable = Exclude<RouteProtection, { kind: 'broken' }>;

/** Before anything of the request is changed; whoever does not pass gets 401, 403 or 503, and the app is not called. */
export function protectionDirectives(context: Asking, route: Route, protection: Askable): readonly Directive[] {
  const removed = route.removedHeaders.map((name) => directive('set', markerOf(name), 'off'));
  // Everything but 2xx, 401 and 403 is a 500 to auth_request; nobody passes, and 503 says that it is the edge.
  const failed = directive('error_page', '500', unavailable);
  switch (protection.kind) {
    case 'open':
      return removed;
    case 'apiKey':
      context.internal.set(keyCheck, keyLocation(context.settings));
      return [...removed, directive('set', '$ep_ring', protection.ring), directive('auth_request', keyCheck), failed];
    case 'forwardAuth':
      return [...removed, ...forwardAuthDirectives(context, protection), failed];
    case 'basicAuth': {
      const file = context.definitions.file('users', `${protection.users.toSorted().join('\n')}\n`);
      return [...removed, directive('auth_basic', literal(protection.realm)), directive('auth_basic_user_file', file)];
    }
    default:
      return protection satisfies never;
  }
}

/** A header some route of a server takes off or sets: `off` in this variable, and its value in the other. */
export function markerOf(header: string): string {
  return `$ep_taken_${variableName(header)}`;
}

export function vouchedOf(header: string): string {
  return `$ep_vouched_${variableName(header)}`;
}

function keyLocation(settings: EdgeSettings): Directive {
  return block(
    'location',
    ['=', keyCheck],
    [
      directive('internal'),
      directive('client_max_body_size', '0'),
      directive('proxy_pass', 'http://ep_keys/check'),
      directive('proxy_method', 'GET'),
      directive('proxy_pass_request_body', 'off'),
      directive('proxy_pass_request_headers', 'off'),
      directive('proxy_connect_timeout', '1s'),
      directive('proxy_read_timeout', '5s'),
      directive('proxy_set_header', 'Connection', ''),
      directive('proxy_set_header', 'Content-Length', ''),
      directive('proxy_set_header', 'Host', 'keys'),
      directive('proxy_set_header', 'X-Key', `$http_${variableName(settings.keyHeader)}`),
      directive('proxy_set_header', 'X-Ring', '$ep_ring'),
    ],
  );
}

function forwardAuthDirectives(
  context: Asking,
  protection: Extract<RouteProtection, { kind: 'forwardAuth' }>,
): readonly Directive[] {
  const { authority, target, timeoutMs, responseHeaders } = protection;
  const upstream = context.definitions.upstream(protection.targets);
  const name = `ep/auth/${fingerprint([upstream, String(timeoutMs), authority, target])}`;
  const inside = [
    directive('internal'),
    directive('client_max_body_size', '0'),
    directive('proxy_pass', `http://${upstream}${literal(target)}`),
    directive('proxy_method', 'GET'),
    directive('proxy_pass_request_body', 'off'),
    directive('proxy_connect_timeout', milliseconds(timeoutMs)),
    directive('proxy_read_timeout', milliseconds(timeoutMs)),
    directive('proxy_send_timeout', milliseconds(timeoutMs)),
    ...authRequestHeaders(context.settings, authority),
  ];
  context.internal.set(name, block('location', ['=', name], inside));
  return [
    directive('auth_request', name),
    ...responseHeaders.flatMap((header) => [
      directive('set', markerOf(header), 'off'),
      directive('auth_request_set', vouchedOf(header), `$upstream_http_${variableName(header)}`),
    ]),
  ];
}
