import type { Cors, Target } from '../routing-table.ts';
import { block, type Directive, directive, table } from './directive.ts';
import { authorityOf, canonicalRanges, fingerprint as hash, literal, regexLiteral } from './encode.ts';

/** What locations refer to by name. Equal things have one name, made of what they are, so names never depend on order. */
export interface Definitions {
  /** Name of an upstream of these targets. */
  readonly upstream: (targets: readonly Target[]) => string;
  /** Variable that is `1` for client addresses outside the ranges. */
  readonly denied: (ranges: readonly string[]) => string;
  /** Variable with what stands behind so many segments of the raw target, query included, after `to` (`''`: nothing). */
  readonly tail: (segments: number, to: string) => string;
  /** Variable with the origin an answer may be read from, empty for others. */
  readonly origin: (cors: Cors) => string;
  /** Variables with the name of the upstream a client's cookie asks for, and with the cookie to set, if any. */
  readonly sticky: (
    targets: readonly Target[],
    cookie: string,
  ) => { readonly upstream: string; readonly cookie: string };
  /** Path of a file with this content. */
  readonly file: (kind: 'certificate' | 'users', content: string) => string;
  /** All of them as directives of the `http` block, sorted. */
  readonly directives: () => readonly Directive[];
  /** Names below the folder, and contents. */
  readonly files: () => ReadonlyMap<string, string>;
}

/** Idle connections to an app each worker keeps, and for how long: shorter than the 5 s after which common servers close theirs. */
const idleConnections = 32;
const idleTime = '4s';

/** @param folder where files are written; absolute. */
export function createDefinitions(folder: string): Definitions {
  const made = new Map<string, readonly Directive[]>();
  const files = new Map<string, string>();
  const define = (name: string, make: () => readonly Directive[]) => {
    if (!made.has(name)) made.set(name, make());
    return name;
  };
  const upstream = (targets: readonly Target[]) => {
    const addresses = targets.map(authorityOf).toSorted();
    // nginx compares each name with those before it: names that differ at once are told apart in less time.
    const name = `${hash(addresses)}_ep_app`;
    return define(name, () => upstreamBlock(name, addresses, null));
  };
  const tail = (segments: number, to: string) =>
    define(to === '' ? `$ep_tail_${segments}` : `$ep_moved_${segments}_${hash([to])}`, () =>
      tailMap(segments, to, tail),
    );
  return {
    upstream,
    tail,
    denied: (given) => {
      const ranges = canonicalRanges(given);
      const name = `$ep_denied_${hash(ranges)}`;
      const pairs = ranges.map((range) => [range, '0'] as const);
      return define(name, () => [table('geo', [name], [['default', '1'], ...pairs])]);
    },
    origin: (cors) => define(originName(cors), () => [originMap(cors)]),
    sticky: (targets, cookie) => {
      const name = hash([cookie, ...targets.map(authorityOf).toSorted()]);
      define(`$ep_sticky_${name}`, () => stickyDefinitions(name, targets, cookie, upstream(targets)));
      return { upstream: `$ep_sticky_${name}`, cookie: `$ep_cookie_${name}` };
    },
    file: (kind, content) => {
      const name = `${kind}-${hash([content], 32)}`;
      files.set(name, content);
      return `${folder}/${name}`;
    },
    directives: () => [...made.keys()].toSorted().flatMap((name) => made.get(name) ?? []),
    files: () => files,
  };
}

const keepalive: readonly Directive[] = [
  directive('keepalive', String(idleConnections)),
  directive('keepalive_timeout', idleTime),
  directive('keepalive_requests', '10000'),
];

function upstreamBlock(name: string, addresses: readonly string[], first: string | null): readonly Directive[] {
  const servers = addresses.map((address) =>
    directive('server', address, ...(first === null || address === first ? [] : ['backup'])),
  );
  return [block('upstream', [name], [...servers, ...keepalive])];
}

/**
 * Empty where the target has escapes that must be decoded first: `proxy_pass` then sends the path that `rewrite` left.
 * nginx would decode all escapes else, so that `%2B` reached the app as `+`.
 */
function tailMap(segments: number, to: string, tail: Definitions['tail']): readonly Directive[] {
  if (to === '') {
    const capture = `ep_behind_${segments}`;
    const pattern = `~^0(?:/[^/?]+){${segments}}(?<${capture}>/.*)$`;
    return [
      table(
        'map',
        ['$ep_normalise$request_uri', `$ep_tail_${segments}`],
        [
          ['default', ''],
          [pattern, `$${capture}`],
        ],
      ),
    ];
  }
  const behind = tail(segments, '');
  return [
    table(
      'map',
      [behind, `$ep_moved_${segments}_${hash([to])}`],
      [
        ['default', `${literal(to)}${behind}`],
        ['', ''],
      ],
    ),
  ];
}

function originName({ origins }: Cors): string {
  return `$ep_origin_${hash(origins.toSorted())}`;
}

function originMap(cors: Cors): Directive {
  const pairs = cors.origins.includes('*')
    ? ([
        ['default', '*'],
        ['', ''],
      ] as const)
    : [['default', ''] as const, ...[...new Set(cors.origins)].toSorted().map((origin) => [origin, origin] as const)];
  return table('map', ['$http_origin', originName(cors)], pairs);
}

/** An upstream for each target, whose others only stand in; the cookie names one by a digest of its address. */
function stickyDefinitions(
  name: string,
  targets: readonly Target[],
  cookie: string,
  any: string,
): readonly Directive[] {
  const addresses = targets.map(authorityOf).toSorted();
  const pods = addresses.map((address) => ({
    address,
    token: hash([name, address], 16),
    upstream: `ep_pod_${hash([name, address])}`,
  }));
  const chosen = pods.map(({ token, upstream }) => [`~(?:^|;)\\s*${cookie}=${token}(?:;|$)`, upstream] as const);
  const set = pods.map(
    ({ address, token, upstream }) =>
      [`~^${regexLiteral(address)}/(?!${upstream}$)`, `${cookie}=${token}; Path=/; HttpOnly; SameSite=Lax`] as const,
  );
  return [
    ...pods.flatMap(({ address, upstream }) => upstreamBlock(upstream, addresses, address)),
    table('map', ['$http_cookie', `$ep_sticky_${name}`], [['default', any], ...chosen]),
    table('map', [`$upstream_addr/$ep_sticky_${name}`, `$ep_cookie_${name}`], [['default', ''], ...set]),
  ];
}
