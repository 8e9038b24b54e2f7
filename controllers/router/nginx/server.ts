import type { EdgeSettings, Route } from '../routing-table.ts';
import { answerHeaders, tellsInAnswers } from './answers.ts';
import type { Definitions } from './definitions.ts';
import { block, type Directive, directive } from './directive.ts';
import { headerVariable, regexLiteral } from './encode.ts';
import { isUntrusted, requestHeaders } from './headers.ts';
import { closingName } from './http-block.ts';
import { locationOf, type ServerContext } from './location.ts';
import { placesOf } from './places.ts';
import { markerOf, unavailable, vouchedOf } from './protection.ts';

/** One host with its routes, all of which can be rendered. */
export interface Host {
  readonly match: Route['host'];
  /** Sorted; no two have one path of one kind. */
  readonly routes: readonly Route[];
  /** File with certificate and key; null: plain HTTP alone. */
  readonly certificate: string | null;
}

export interface ServerSurroundings {
  readonly settings: EdgeSettings;
  readonly definitions: Definitions;
}

/** The server of one host; that of `any` takes the requests of all hosts without one, and handshakes without a name. */
export function serverOf(host: Host, around: ServerSurroundings): Directive {
  const { settings } = around;
  const slashes = host.routes.some(({ encodedSlash }) => encodedSlash === 'allow');
  const tells = host.routes.some(tellsInAnswers);
  const kept = { internal: new Map(), insides: new Map() };
  const context: ServerContext = { settings, definitions: around.definitions, slashes, tells, ...kept };
  const locations = placesOf(host.routes, settings.acme).map((place) => locationOf(context, place));
  const internal = [...context.internal].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, location]) => location);
  const fallback = block('location', [unavailable], [directive('return', '503')]);
  return block(
    'server',
    [],
    [
      ...listenDirectives(host, settings),
      ...nameDirectives(host),
      ...certificateDirectives(host, settings),
      ...checks(host, slashes),
      ...headerDirectives(host, settings),
      ...(tells ? answerHeaders(tells) : []),
      ...(host.match.kind === 'any' && host.routes.length === 0
        ? [block('location', ['/'], [directive('return', settings.unknownHost === 'close' ? '444' : '404')])]
        : [...internal, ...(internal.length === 0 ? [] : [fallback]), ...locations]),
    ],
  );
}

/** Every server of one port says the same of it but `default_server`: a listener belongs to none of them alone. */
function listenDirectives(host: Host, settings: EdgeSettings): readonly Directive[] {
  const { httpPort, httpsPort, ipv6, clientAddress } = settings;
  const byDefault = host.match.kind === 'any';
  const proxy = clientAddress.kind === 'proxyProtocol' ? ['proxy_protocol'] : [];
  const last = [...proxy, ...(byDefault ? ['default_server'] : [])];
  const secure = httpsPort !== null && (byDefault || host.certificate !== null);
  const ports = [
    { port: httpPort, options: last },
    ...(secure ? [{ port: httpsPort, options: ['ssl', 'http2', ...last] }] : []),
  ];
  return ports.flatMap(({ port, options }) => [
    directive('listen', String(port), ...options),
    ...(ipv6 ? [directive('listen', `[::]:${port}`, ...options)] : []),
  ]);
}

function nameDirectives({ match }: Host): readonly Directive[] {
  switch (match.kind) {
    case 'exact':
      return [directive('server_name', match.name)];
    case 'wildcard':
      return [directive('server_name', `~^[^.]+\\.${regexLiteral(match.suffix)}$`)];
    case 'any':
      return [];
    default:
      return match satisfies never;
  }
}

function certificateDirectives(host: Host, { httpsPort }: EdgeSettings): readonly Directive[] {
  if (httpsPort === null) return [];
  if (host.certificate === null) return host.match.kind === 'any' ? [directive('ssl_reject_handshake', 'on')] : [];
  return [directive('ssl_certificate', host.certificate), directive('ssl_certificate_key', host.certificate)];
}

const rewriteWhole = [directive('rewrite', '^(?<ep_whole>/.*)$', '$ep_whole')];

/** Said by every server alike, so made once here. Few: nginx makes them anew for each server, expressions too. */
const checked = {
  misdirected: refuse('$ep_misdirected', '421'),
  strict: block('if', ['($ep_judged', '=', 'refuse)'], [directive('return', '400')]),
  slash: refuse('$ep_refused_but_slash', '400'),
  normal: block('if', ['($ep_judged', '=', 'normalise)'], rewriteWhole),
  normalWithSlash: block('if', ['($ep_normalise)'], rewriteWhole),
} as const;

function refuse(variable: string, status: string): Directive {
  return block('if', [`(${variable})`], [directive('return', status)]);
}

/**
 * Whether the files of `closing` are there nginx asks once a second for each of them, and each is looked for in one tenth
 * of it. The header is made only where one is.
 */
const goesOn: Directive = block('if', ['(!-f', `${closingName}/$ep_tenth)`], [directive('set', '$ep_last', '')]);

/**
 * Nothing is asked of a request that was found usual with the tenth: it has `$ep_host`, and asks for no upgrade. No server
 * sets `$ep_sent`: this comes again for each authentication, when what was asked must still be known.
 */
const isUsual: Directive = block(
  'if',
  ['($ep_sent)'],
  [directive('set', '$ep_upgrade', ''), directive('set', '$ep_connection', ''), directive('break')],
);

function checks(host: Host, slashes: boolean): readonly Directive[] {
  const mayBeMisdirected = host.certificate !== null && host.match.kind !== 'any';
  return [
    goesOn,
    ...(mayBeMisdirected ? [checked.misdirected] : []),
    isUsual,
    directive('set', '$ep_host', '$ep_host_closely'),
    ...(slashes ? [checked.slash, checked.normalWithSlash] : [checked.strict, checked.normal]),
  ];
}

/** Only hosts with routes that take headers off or vouch for them have a list of their own. */
function headerDirectives({ routes }: Host, settings: EdgeSettings): readonly Directive[] {
  const names = touchedHeaders(routes);
  return names.length === 0
    ? []
    : requestHeaders(
        settings,
        names.map((name) => [name, headerMapName(name)]),
      );
}

/** The headers that some of the routes take off or set. */
export function touchedHeaders(routes: readonly Route[]): readonly string[] {
  const names = routes.flatMap(({ removedHeaders, protection }) => [
    ...removedHeaders,
    ...(protection.kind === 'forwardAuth' ? protection.responseHeaders : []),
  ]);
  return [...new Map(names.toSorted().map((name) => [name.toLowerCase(), name])).values()];
}

function headerMapName(header: string): string {
  return markerOf(header).replace('$ep_taken_', '$ep_header_');
}

/**
 * What the client sent, or where a route says so what was vouched for; nothing where nobody vouches. Of a name that no
 * client may send, what it sent is nothing too: a route that has it vouched for opens it for itself alone. Looked up
 * anew each time: an authentication service is asked in between.
 */
export function headerMap(header: string, settings: EdgeSettings): Directive {
  const sent = isUntrusted(header, settings) ? '' : headerVariable('http', header);
  return block(
    'map',
    [markerOf(header), headerMapName(header)],
    [directive('volatile'), directive('default', sent), directive('off', vouchedOf(header))],
  );
}
