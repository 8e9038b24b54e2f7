import type { EdgeSettings } from '../routing-table.ts';
import { block, type Directive, directive, table } from './directive.ts';
import { canonicalRanges, dollar } from './encode.ts';

const unreservedEscape = '%(?:2[de]|3[0-9]|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9ae])';
const dotSegment = '(?:/|%2f)(?:\\.|%2e){1,2}(?:;|/|%2f|\\?|$)';

/** T1 to T6 of the routing contract, on the raw target; `slash` is the escape that some routes let in. */
function refusedTarget(slash: '2f|' | ''): string {
  const escapes = `%(?:[01][0-9a-f]|7f|23|25|${slash}3b|3f|5c)|%(?![0-9a-f][0-9a-f])`;
  return `~*(?:[^!-~]|#|^[^?]*(?://|\\\\|${escapes}|${dotSegment}))`;
}

/** A host name, IPv4 address or bracketed IPv6 address, with or without port; or nothing. */
const sentHost = '(?:\\[[0-9a-f:.]+\\]|(?!\\.)[a-z0-9_.-]*)(?::[0-9]*)?';
/** The same as nginx read it: without port and last dot. */
const readHost = '(?:\\[[0-9a-f:.]+\\]|(?!\\.)(?!.*\\.\\.)[a-z0-9_.-]{0,253})';

const usualPath = '(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*+)*+/?(?:\\?[!-"$-~]*+)?$';
const usualHost = '(?<ep_sent>[a-z0-9_-][a-z0-9._-]{0,252}+) (?<ep_host>\\k<ep_sent>(?::[0-9]*)?)';
/** Of `$msec`, which has ten digits before the dot until the year 2286 and three behind it. */
const tenth = '~^.{11}(?<ep_digit>[0-9])..';
/**
 * Most requests: letters, digits and dashes in segments that begin with no dot, on a host that is sent in lower case, with
 * or without port, and no word of an upgrade. Nothing of them is refused or rewritten. It gives `$ep_host` too, which
 * servers set for all other requests. Two dots in a row are in no host that nginx lets through. No space is in what stands
 * behind the two spaces, so it is the whole target: neither Host nor Upgrade passes for a part of it.
 */
const usualRequest = `${tenth} ${usualHost}  ${usualPath}`;
const noEscape = '~^[^%]*$';

function map(source: string, variable: string, pairs: Readonly<Record<string, string>>): Directive {
  return table('map', [source, variable], Object.entries(pairs));
}

/** What is read from a request once, wherever it goes. nginx evaluates a map when somebody asks for it. */
const fixedMaps: readonly Directive[] = [
  block('geo', [`$${dollar}`], [directive('default', '$')]),
  // The tenth of the second, and with it by one expression whether a request is like most: only what is not is asked one
  // question after the other.
  map('$msec $host $http_host $http_upgrade $request_uri', '$ep_tenth', {
    default: '',
    [usualRequest]: '$ep_digit',
    [tenth]: '$ep_digit',
  }),
  map('$ep_refused/$ep_normalise', '$ep_judged', {
    default: 'sound',
    '0/1': 'normalise',
    '1/0': 'refuse',
    '1/1': 'refuse',
  }),
  map('$http_host/$host', '$ep_bad_host', { default: '1', [`~*^${sentHost}/${readHost}$`]: '0' }),
  map('$ep_bad_host$request_uri', '$ep_refused', {
    default: '0',
    [`~^0${usualPath}`]: '0',
    '~^1': '1',
    [refusedTarget('2f|')]: '1',
  }),
  map('$ep_bad_host$request_uri', '$ep_refused_but_slash', { default: '0', '~^1': '1', [refusedTarget('')]: '1' }),
  map('$request_uri', '$ep_slash', { default: '0', '~*^[^?]*%2f': '1' }),
  map('$request_uri', '$ep_normalise', {
    default: '0',
    [noEscape]: '0',
    [`~*^(?![^?]*%2f)[^?]*${unreservedEscape}`]: '1',
  }),
  // The Host field as sent where it names the host that was chosen: the absolute form stands over it.
  map('$host/$http_host', '$ep_host_closely', {
    default: '$host',
    '~*^(?<ep_name>[^/]+)/\\k<ep_name>\\.?(?::[0-9]*)?$': '$http_host',
  }),
  map('$ssl_server_name/$host', '$ep_misdirected', {
    default: '1',
    '~^/': '0',
    '~*^(?<ep_asked>[^/]+?)\\.?/\\k<ep_asked>$': '0',
  }),
  // Servers set the next three to nothing where nobody asks for them: no expression is tried on most requests.
  map('$ep_websocket/$http_upgrade/$http_connection', '$ep_upgrade', {
    default: '',
    '~*^on/websocket/(?:.*,)?\\s*upgrade\\s*(?:,|$)': 'websocket',
  }),
  map('$ep_upgrade', '$ep_connection', { default: 'upgrade', '': '' }),
  // A protocol upgrade goes on, and HTTP/2 has no such header. Without a host no server was asked: nginx refuses the
  // request, and ends the connection itself.
  map('$ep_host $server_protocol $status', '$ep_last', { default: '', '~^[^ ]+ HTTP/1\\.[01] (?!101)': 'close' }),
  map('$request_method/$http_origin/$http_access_control_request_method', '$ep_preflight', {
    default: '0',
    '~^OPTIONS/.+/[^/]+$': '1',
  }),
  map('$ep_cors_origin', '$ep_cors_allow_credentials', { default: '$ep_cors_credentials', '': '' }),
  map('$request_uri', '$ep_path', { default: '-', '~^(?<ep_asked_path>[^?]*)': '$ep_asked_path' }),
];

export function requestMaps(settings: EdgeSettings): readonly Directive[] {
  const { http, https } = settings.publicPorts;
  const scheme = schemeVariable(settings);
  return [
    ...fixedMaps,
    map(scheme, '$ep_hsts', { default: '', https: '$ep_hsts_value' }),
    ...(portIsFixed(settings) ? [] : [map(scheme, '$ep_port', { default: String(http), https: String(https) })]),
  ];
}

/** The variable with the scheme a client used: nginx's own, unless proxies are believed that say another. */
export function schemeVariable({ clientAddress }: EdgeSettings): string {
  return clientAddress.kind === 'header' ? '$ep_scheme' : '$scheme';
}

/** What apps are told of the port a client used: a variable only where there are two. */
export function portTold(settings: EdgeSettings): string {
  return portIsFixed(settings) ? String(settings.publicPorts.http) : '$ep_port';
}

/** Without TLS here and without a proxy in front that is believed, every request came by plain HTTP. */
function portIsFixed({ httpsPort, clientAddress }: EdgeSettings): boolean {
  return httpsPort === null && clientAddress.kind !== 'header';
}

/** Who the client is and by which scheme it came: from the connection, and from proxies that are believed. */
export function clientDirectives({ clientAddress }: EdgeSettings): readonly Directive[] {
  if (clientAddress.kind === 'connection') return [];
  const from = canonicalRanges(clientAddress.from);
  const realIp = [
    ...from.map((range) => directive('set_real_ip_from', range)),
    directive('real_ip_header', clientAddress.kind === 'header' ? 'X-Forwarded-For' : 'proxy_protocol'),
    directive('real_ip_recursive', 'on'),
  ];
  if (clientAddress.kind === 'proxyProtocol') return realIp;
  const trusted = table(
    'geo',
    ['$realip_remote_addr', '$ep_trusted'],
    [['default', '0'], ...from.map((range) => [range, '1'] as const)],
  );
  const told = table(
    'map',
    ['$ep_trusted/$http_x_forwarded_proto', '$ep_scheme'],
    [
      ['default', '$scheme'],
      ['1/http', 'http'],
      ['1/https', 'https'],
    ],
  );
  return [...realIp, trusted, told];
}
