import type { Forward, Route, RouteProtection } from '../routing-table.ts';
import { answerHeaders, corsDirectives, hstsDirectives } from './answers.ts';
import { block, type Directive, directive } from './directive.ts';
import { decodedPath, fingerprint, isUnreserved, literal, milliseconds, rawPathPattern } from './encode.ts';
import { canonicalPath, challengePrefix, type Place } from './places.ts';
import { type Askable, type Asking, protectionDirectives } from './protection.ts';
import { schemeVariable } from './request-maps.ts';

/** What a location needs to know of its server. */
export interface ServerContext extends Asking {
  /** Some route of the host lets `%2F` in; the others refuse it one by one. */
  readonly slashes: boolean;
  /** Some route of the host says something in its answers: the locations with a list of their own say it too. */
  readonly tells: boolean;
  /** What is in the locations of routes that say the same in all of theirs: it is made once. */
  readonly insides: Map<Route, readonly Directive[]>;
}

/** Times and sizes that stand in the `http` block; a location says only what differs. */
export const usualTimes = { connectMs: 5_000, responseMs: 60_000 } as const;

const notFound = [directive('return', '404')];

export function locationOf(context: ServerContext, place: Place): Directive {
  const { route } = place;
  const inside = route === null ? notFound : insideOf(context, place, route);
  return block('location', [place.modifier, place.name], inside);
}

function insideOf(context: ServerContext, place: Place, route: Route): readonly Directive[] {
  const exempt = context.settings.acme && place.name.startsWith(challengePrefix);
  if (exempt || (route.action.kind === 'forward' && route.action.rewriteTo !== null))
    return routeDirectives(context, place, route, exempt);
  const inside = context.insides.get(route) ?? routeDirectives(context, place, route, false);
  context.insides.set(route, inside);
  return inside;
}

function routeDirectives(context: ServerContext, place: Place, route: Route, exempt: boolean): readonly Directive[] {
  const protection: RouteProtection = exempt ? { kind: 'open' } : route.protection;
  return [
    directive('set', '$ep_route', route.id),
    ...(route.hsts === null ? [] : hstsDirectives(route.hsts)),
    ...pathGuards(context, route),
    ...(exempt ? [] : doorDirectives(context, route)),
    ...(route.cors === null ? [] : corsDirectives(context.definitions, route.cors)),
    ...(protection.kind === 'broken'
      ? [directive('return', '503')]
      : [...protectionDirectives(context, route, protection), ...actionDirectives(context, place, route, protection)]),
  ];
}

/** What nginx, which looks at the decoded path alone, would let in here against the contract. */
function pathGuards(context: ServerContext, route: Route): readonly Directive[] {
  const path = canonicalPath(route.path);
  const slash = route.encodedSlash === 'allow';
  const refuse = context.slashes && !slash ? [when('$ep_slash', '400')] : [];
  if (isUnreserved(path) && !slash) return refuse;
  const end = route.path.kind === 'text' || path === '/' ? '' : '(?:/|\\?|$)';
  const pattern = `^${rawPathPattern(path)}${end}`;
  return [...refuse, block('if', ['($request_uri', '!~', pattern, ')'], [directive('return', slash ? '400' : '404')])];
}

/** Redirect to https, then the addresses that may pass: nobody else is asked for either. */
function doorDirectives({ settings, definitions }: ServerContext, route: Route): readonly Directive[] {
  const { https } = settings.publicPorts;
  const port = https === 443 ? '' : `:${https}`;
  const redirect = block(
    'if',
    [`(${schemeVariable(settings)}`, '=', 'http)'],
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
    ...(sticky === null ? [] : answerHeaders(context.tells, sticky.cookie)),
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
