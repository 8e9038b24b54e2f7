import type { Cors, EdgeSettings, Forward, Hsts, Route, RouteProtection } from '../routing-table.ts';
import type { Definitions } from './definitions.ts';
import { block, type Directive, directive } from './directive.ts';
import {
  decodedPath,
  fingerprint,
  isUnreserved,
  literal,
  milliseconds,
  rawPathPattern,
  variableName,
} from './encode.ts';
import { authRequestHeaders } from './headers.ts';
import { canonicalPath, challengePrefix, type Place } from './places.ts';

/** What a location needs to know of its server. */
export interface ServerContext {
  readonly settings: EdgeSettings;
  readonly definitions: Definitions;
  /** Some route of the host lets `%2F` in; the others refuse it one by one. */
  readonly slashes: boolean;
  /** Locations that no request can name, by name: their names have no leading slash. */
  readonly internal: Map<string, Directive>;
}

/** Times and sizes that stand in the `http` block; a location says only what differs. */
export const usualTimes = { connectMs: 5_000, responseMs: 60_000 } as const;

export const unavailable = '@ep_unavailable';
const keyCheck = 'ep/key';

export function locationOf(context: ServerContext, place: Place): Directive {
  const { route } = place;
  const inside = route === null ? [directive('return', '404')] : routeDirectives(context, place, route);
  return block('location', [place.modifier, place.name], inside);
}

function routeDirectives(context: ServerContext, place: Place, route: Route): readonly Directive[] {
  const exempt = context.settings.acme && place.name.startsWith(challengePrefix);
  const protection: RouteProtection = exempt ? { kind: 'open' } : route.protection;
  return [
    directive('set', '$ep_route', route.id),
    ...(route.hsts === null ? [] : hstsDirectives(route.hsts)),
    ...pathGuards(context, place, route),
    ...(exempt ? [] : doorDirectives(context, route)),
    ...(route.cors === null ? [] : corsDirectives(context, route.cors)),
    ...(protection.kind === 'broken'
      ? [directive('return', '503')]
      : [...protectionDirectives(context, route, protection), ...actionDirectives(context, place, route, protection)]),
  ];
}

/** What nginx, which looks at the decoded path alone, would let in here against the contract. */
function pathGuards(context: ServerContext, place: Place, route: Route): readonly Directive[] {
  const path = canonicalPath(route.path);
  const slash = route.encodedSlash === 'allow';
  const refuse = context.slashes && !slash ? [when('$ep_slash', '400')] : [];
  if (isUnreserved(path) && !slash) return refuse;
  const end = place.route?.path.kind === 'text' || path === '/' ? '' : '(?:/|\\?|$)';
  const pattern = `^${rawPathPattern(path)}${end}`;
  return [...refuse, block('if', ['($request_uri', '!~', pattern, ')'], [directive('return', slash ? '400' : '404')])];
}

/** Redirect to https, then the addresses that may pass: nobody else is asked for either. */
function doorDirectives({ settings, definitions }: ServerContext, route: Route): readonly Directive[] {
  const { https } = settings.publicPorts;
  const port = https === 443 ? '' : `:${https}`;
  const redirect = block(
    'if',
    ['($ep_scheme', '=', 'http)'],
    [directive('return', '308', `https://$host${port}$request_uri`)],
  );
  return [
    ...(route.httpsRedirect ? [redirect] : []),
    ...(route.allowFrom === null ? [] : [when(definitions.denied(route.allowFrom), '403')]),
  ];
}

function when(variable: string, status: string): Directive {
  return block('if', [`(${variable})`], [directive('return', status)]);
}

/** Preflights are answered here; other answers say who may read them, and the app has no say in it. */
function corsDirectives({ definitions }: ServerContext, cors: Cors): readonly Directive[] {
  const preflight = [
    directive('set', '$ep_cors_methods', cors.methods.join(', ')),
    directive('set', '$ep_cors_headers', cors.headers.join(', ')),
    directive('set', '$ep_cors_age', String(cors.maxAgeSeconds)),
    directive('return', '204'),
  ];
  return [
    directive('set', '$ep_cors_origin', definitions.origin(cors)),
    directive('set', '$ep_cors_vary', cors.origins.includes('*') ? '' : 'Origin'),
    directive('set', '$ep_cors_credentials', cors.credentials ? 'true' : ''),
    directive('set', '$ep_cors_expose', cors.exposeHeaders.join(', ')),
    block('if', ['($ep_preflight)'], preflight),
    ...corsAnswerHeaders.map(([name]) => directive('proxy_hide_header', name)),
  ];
}

/** Headers of answers, empty where a route says nothing: then nginx leaves them out. */
const corsAnswerHeaders: readonly (readonly [string, string])[] = [
  ['Access-Control-Allow-Credentials', '$ep_cors_allow_credentials'],
  ['Access-Control-Allow-Headers', '$ep_cors_headers'],
  ['Access-Control-Allow-Methods', '$ep_cors_methods'],
  ['Access-Control-Allow-Origin', '$ep_cors_origin'],
  ['Access-Control-Expose-Headers', '$ep_cors_expose'],
  ['Access-Control-Max-Age', '$ep_cors_age'],
];

export function answerHeaders(cookie: string | null = null): readonly Directive[] {
  const headers = [
    ...corsAnswerHeaders,
    ['Connection', '$ep_last'],
    ['Strict-Transport-Security', '$ep_hsts'],
    ['Vary', '$ep_cors_vary'],
    ...(cookie === null ? [] : [['Set-Cookie', cookie] as const]),
  ] as const;
  return headers.map(([name, value]) => directive('add_header', name, value, 'always'));
}

function hstsDirectives(hsts: Hsts): readonly Directive[] {
  const value = [
    `max-age=${hsts.maxAgeSeconds}`,
    ...(hsts.includeSubdomains ? ['includeSubDomains'] : []),
    ...(hsts.preload ? ['preload'] : []),
  ];
  return [
    directive('set', '$ep_hsts_value', value.join('; ')),
    directive('proxy_hide_header', 'Strict-Transport-Security'),
  ];
}

type Askable = Exclude<RouteProtection, { kind: 'broken' }>;

function protectionDirectives(context: ServerContext, route: Route, protection: Askable): readonly Directive[] {
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
  context: ServerContext,
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
    ...authRequestHeaders(authority),
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

function actionDirectives(
  context: ServerContext,
  place: Place,
  route: Route,
  protection: Askable,
): readonly Directive[] {
  const { action } = route;
  switch (action.kind) {
    case 'forward':
      return forwardDirectives(context, place, route, action);
    case 'redirect':
      return afterProtection(context, protection, [directive('return', String(action.status), literal(action.to))]);
    case 'unavailable':
      return afterProtection(context, protection, [directive('return', '503')]);
    default:
      return action satisfies never;
  }
}

/** `return` answers before any protection is asked; a named location is gone to after it. */
function afterProtection(
  { internal }: ServerContext,
  protection: Askable,
  answer: readonly Directive[],
): readonly Directive[] {
  if (protection.kind === 'open') return answer;
  const name = `@ep_${fingerprint(answer.flatMap(({ args }) => args))}`;
  internal.set(name, block('location', [name], answer));
  return [directive('root', '/nonexistent'), directive('try_files', '/nonexistent', name)];
}

function forwardDirectives(context: ServerContext, place: Place, route: Route, forward: Forward): readonly Directive[] {
  const { definitions, settings } = context;
  const { connectMs, responseMs, streaming, websocket, targets } = forward;
  const limit = route.bodyLimitBytes ?? settings.bodyLimitBytes;
  const sticky = forward.sticky === null ? null : definitions.sticky(targets, forward.sticky.cookie);
  const upstream = sticky === null ? definitions.upstream(targets) : sticky.upstream;
  const time = (name: string, ms: number, usual: number) => (ms === usual ? [] : [directive(name, milliseconds(ms))]);
  return [
    ...(sticky === null ? [] : answerHeaders(sticky.cookie)),
    ...(websocket ? [directive('set', '$ep_websocket', 'on')] : []),
    ...(limit === settings.bodyLimitBytes ? [] : [directive('client_max_body_size', String(limit ?? 0))]),
    ...time('proxy_connect_timeout', connectMs, usualTimes.connectMs),
    ...time('proxy_read_timeout', responseMs, usualTimes.responseMs),
    ...time('proxy_send_timeout', responseMs, usualTimes.responseMs),
    ...(streaming ? [directive('proxy_buffering', 'off'), directive('proxy_request_buffering', 'off')] : []),
    ...(forward.protocol === 'https'
      ? [directive('proxy_ssl_server_name', 'on'), directive('proxy_ssl_name', '$host')]
      : []),
    ...passDirectives(context, place, route, `${forward.protocol}://${upstream}`, forward.rewriteTo),
  ];
}

function passDirectives(
  { definitions }: ServerContext,
  place: Place,
  route: Route,
  origin: string,
  rewriteTo: string | null,
): readonly Directive[] {
  if (rewriteTo === null) return [directive('proxy_pass', origin)];
  const path = canonicalPath(route.path);
  const to = rewriteTo.endsWith('/') ? rewriteTo.slice(0, -1) : rewriteTo;
  const prefix = path.endsWith('/') ? path.slice(0, -1) : path;
  const told = prefix === '' ? [] : [directive('set', '$ep_prefix', prefix)];
  const whole = path.endsWith('/') || to === '' ? `${to}/` : to;
  if (place.covers === 'itself') return [...told, directive('proxy_pass', `${origin}${whole}`)];
  const segments = prefix.split('/').length - 1;
  return [
    ...told,
    directive('rewrite', `^(?:/[^/]+){${segments}}(?<ep_rest>/.*)$`, `${decodedPath(to)}$ep_rest`, 'break'),
    directive('proxy_pass', `${origin}${definitions.tail(segments, to)}`),
  ];
}
