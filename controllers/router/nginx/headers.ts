import { untrustedHeaders } from '../../../components/dialects/untrusted-headers.ts';
import type { EdgeSettings } from '../routing-table.ts';
import { type Directive, directive } from './directive.ts';
import { portTold, schemeVariable } from './request-maps.ts';

/**
 * No client may send these. nginx drops names with an underscore or a dot by itself, so no other spelling passes for one.
 * Beyond what every edge drops: what Traefik tells and this edge does not.
 */
const untrusted: readonly string[] = [
  ...untrustedHeaders,
  'X-Forwarded-Method',
  'X-Forwarded-Server',
  'X-Forwarded-Tls-Client-Cert',
  'X-Forwarded-Tls-Client-Cert-Info',
  'X-Forwarded-Uri',
];

/** Of the connection, not of the request; and an upgrade to h2c, which no route carries. */
const hopByHop: readonly string[] = ['Http2-Settings', 'Keep-Alive', 'Proxy-Connection', 'Te', 'Trailer'];

/** Names that reach an app only where its own route has somebody vouch for them, whatever another route of the host says. */
export function isUntrusted(name: string, { keyHeader }: EdgeSettings): boolean {
  const lower = name.toLowerCase();
  return [...untrusted, ...hopByHop, keyHeader].some((known) => known.toLowerCase() === lower);
}

/** What no annotation may touch: framing, the connection, the host, and what the edge tells of the client itself. */
export const untouchable: readonly string[] = [
  ...hopByHop,
  'Connection',
  'Content-Length',
  'Host',
  'Transfer-Encoding',
  'Upgrade',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Forwarded-Port',
  'X-Forwarded-Prefix',
  'X-Forwarded-Proto',
  'X-Real-Ip',
];

/** What is told of the client and its request, from the connection alone. */
function told(settings: EdgeSettings): readonly (readonly [string, string])[] {
  return [
    ['Host', '$ep_host'],
    ['X-Forwarded-For', '$remote_addr'],
    ['X-Forwarded-Host', '$ep_host'],
    ['X-Forwarded-Port', portTold(settings)],
    ['X-Forwarded-Proto', schemeVariable(settings)],
    ['X-Real-Ip', '$remote_addr'],
  ];
}

/**
 * What an app gets besides what the client sent. `extra` are names with the variable whose value they have; they stand
 * over all others. nginx takes all of them or none from the level above, so this list is always whole.
 */
export function requestHeaders(
  settings: EdgeSettings,
  extra: readonly (readonly [string, string])[] = [],
): readonly Directive[] {
  return setHeaders([
    ...[...untrusted, ...hopByHop, settings.keyHeader].map((name) => [name, ''] as const),
    ...told(settings),
    ['Connection', '$ep_connection'],
    ['Upgrade', '$ep_upgrade'],
    ['X-Forwarded-Prefix', '$ep_prefix'],
    ...extra,
  ]);
}

/** What an authentication service gets: the client's own headers, and what it asked for before anything changed it. */
export function authRequestHeaders(settings: EdgeSettings, authority: string): readonly Directive[] {
  return setHeaders([
    ...[...untrusted, ...hopByHop].map((name) => [name, ''] as const),
    ...told(settings),
    ['Connection', ''],
    ['Content-Length', ''],
    ['Content-Type', ''],
    ['Expect', ''],
    ['Host', authority],
    ['Transfer-Encoding', ''],
    ['Upgrade', ''],
    ['X-Forwarded-Method', '$request_method'],
    ['X-Forwarded-Prefix', ''],
    ['X-Forwarded-Uri', '$request_uri'],
    ['X-Original-Method', '$request_method'],
    ['X-Original-Url', `${schemeVariable(settings)}://$ep_host$request_uri`],
  ]);
}

/** One directive a name; the last of two equal names counts. */
function setHeaders(headers: readonly (readonly [string, string])[]): readonly Directive[] {
  const byName = new Map(headers.map(([name, value]) => [name.toLowerCase(), [name, value] as const]));
  return [...byName.values()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => directive('proxy_set_header', name, value));
}
