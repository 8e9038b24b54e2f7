import { BlockList, isIP } from 'node:net';
import type { HostMatch } from '../../../components/model/route-match.ts';
import type { Cors, EdgeSettings, Forward, Route, RouteProtection, Target } from '../routing-table.ts';
import { untouchable } from './headers.ts';

/** What keeps a route from being rendered, as a stable word and a sentence without values of Secrets. */
export interface Fault {
  readonly reason: string;
  readonly message: string;
}

/** Targets that no route may have. */
export type RefusedTargets = (address: string) => boolean;

/** Reads the ranges once. @throws when one is no range. */
export function refusedTargets(settings: Pick<EdgeSettings, 'refusedTargets'>): RefusedTargets {
  // IPv4 apart: in one list, ranges of it in IPv6 form would refuse every IPv4 address.
  const ipv6 = new BlockList();
  const ipv4: { readonly bits: number; readonly mask: number }[] = [];
  for (const range of settings.refusedTargets) {
    if (!isRange(range)) throw new RangeError(`${range}: expected an address range, as 10.0.0.0/8`);
    const [address = '', length = ''] = range.split('/');
    const mask = length === '0' ? 0 : -1 << (32 - Number(length));
    if (isIP(address) === 6) ipv6.addSubnet(address, Number(length), 'ipv6');
    else ipv4.push({ bits: bitsOf(address) & mask, mask });
  }
  return (address) => {
    if (isIP(address) === 6) return ipv6.check(address, 'ipv6');
    const bits = bitsOf(address);
    return ipv4.some((range) => (bits & range.mask) === range.bits);
  };
}

/** The 32 bits of an IPv4 address. Thousands are looked at, and for each the library would make an object. */
function bitsOf(address: string): number {
  const [a, b, c, d] = address.split('.');
  return (Number(a) << 24) | (Number(b) << 16) | (Number(c) << 8) | Number(d);
}

/** Every fault of a route. Sources have checked it already; this is the last check before it becomes configuration. */
export function routeFaults(route: Route, refused: RefusedTargets): readonly Fault[] {
  const { action, path } = route;
  return [
    ...unless(/^[A-Za-z0-9._/:#*@-]{1,253}$/.test(route.id) && route.owners.length > 0, 'InvalidId', route.id),
    ...hostFaults(route.host),
    ...unless(isRoutePath(path.path), 'InvalidPath', path.path),
    ...(action.kind === 'forward' ? forwardFaults(route, action, refused) : []),
    ...(action.kind === 'redirect' ? unless(isUrl(action.to), 'InvalidRedirect', action.to) : []),
    ...protectionFaults(route.protection, refused),
    ...(route.allowFrom ?? []).flatMap((range) => unless(isRange(range), 'InvalidAddress', range)),
    ...route.removedHeaders.flatMap(headerFaults),
    ...(route.cors === null ? [] : corsFaults(route.cors)),
    ...unless(route.hsts === null || isWhole(route.hsts.maxAgeSeconds, 0, 1e10), 'InvalidHsts', route.id),
    ...unless(
      route.bodyLimitBytes === null || isWhole(route.bodyLimitBytes, 1, 1e15),
      'InvalidLimit',
      String(route.bodyLimitBytes),
    ),
  ];
}

export function hostFaults(host: HostMatch): readonly Fault[] {
  switch (host.kind) {
    case 'any':
      return [];
    case 'exact':
      return unless(isHostName(host.name), 'InvalidHost', host.name);
    case 'wildcard':
      return unless(isHostName(host.suffix) && host.suffix.includes('.'), 'InvalidHost', `*.${host.suffix}`);
    default:
      return host satisfies never;
  }
}

function unless(holds: boolean, reason: string, found: string): readonly Fault[] {
  return holds ? [] : [{ reason, message: `${expected[reason] ?? reason}; found ${shown(found)}` }];
}

const expected: Readonly<Record<string, string>> = {
  InvalidAddress: 'expected addresses as CIDR ranges',
  InvalidAuth: 'expected an address, an authority and a path for the authentication service',
  InvalidCors: 'expected origins, methods and header names',
  InvalidHeader: 'expected header names of letters, digits and dashes',
  InvalidHost: 'expected a host name in lower case',
  InvalidHsts: 'expected a number of seconds',
  InvalidId: 'expected an id of letters, digits and ._/:#*@- and an owner',
  InvalidLimit: 'expected a number of bytes',
  InvalidPath: 'expected an absolute path without empty or dot segments, query or stray escapes',
  InvalidRedirect: 'expected an http or https URL',
  InvalidRewrite: 'expected a path to put in place of a whole-segment or exact one',
  InvalidTarget: 'expected the address of a pod or Service and its port, not one of the node or link-local',
  InvalidTime: 'expected a time of at least 1 ms and at most a day',
  InvalidUsers: 'expected a realm and lines name:hash',
};

/** As little of a value as tells which one it is. */
function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

function isHostName(name: string): boolean {
  return (
    name.length <= 253 && /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/.test(name)
  );
}

/** pchar of RFC 3986 without `$`, `'` and `;`; canonical escapes of what else can be in a path. */
const pathPattern =
  /^\/(?:(?:[A-Za-z0-9._~:@!&()*+,=-]|%[0-9A-F]{2})+(?:\/(?:[A-Za-z0-9._~:@!&()*+,=-]|%[0-9A-F]{2})+)*\/?)?$/;
/** Control characters, `"`-free of meaning ones the edge refuses anyway, and unreserved ones that need no escape. */
const strayEscape = /%(?:[01][0-9A-F]|7F|23|25|2F|3B|3F|5C|2D|2E|3[0-9]|4[1-9A-F]|5[0-9A]|5F|6[1-9A-F]|7[0-9A]|7E)/;

function isRoutePath(path: string): boolean {
  return (
    path.length <= 1024 && pathPattern.test(path) && !strayEscape.test(path) && !/(?:^|\/)\.{1,2}(?:\/|$)/.test(path)
  );
}

function forwardFaults(route: Route, forward: Forward, refused: RefusedTargets): readonly Fault[] {
  const { rewriteTo, sticky } = forward;
  const canRewrite = rewriteTo === null || (isRoutePath(rewriteTo) && route.path.kind !== 'text');
  return [
    ...targetFaults(forward.targets, refused),
    ...unless(canRewrite, 'InvalidRewrite', rewriteTo ?? ''),
    ...unless(sticky === null || /^[A-Za-z0-9_-]{1,64}$/.test(sticky.cookie), 'InvalidCookie', sticky?.cookie ?? ''),
    ...[forward.connectMs, forward.responseMs].flatMap(timeFaults),
  ];
}

function targetFaults(targets: readonly Target[], refused: RefusedTargets): readonly Fault[] {
  const bad = targets.filter(
    ({ address, port }) =>
      isIP(address) === 0 || !isWhole(port, 1, 65_535) || refused(address) || address.includes('%'),
  );
  return [
    ...unless(targets.length > 0, 'InvalidTarget', 'none'),
    ...bad.flatMap(({ address, port }) => unless(false, 'InvalidTarget', `${address} ${port}`)),
  ];
}

function protectionFaults(protection: RouteProtection, refused: RefusedTargets): readonly Fault[] {
  switch (protection.kind) {
    case 'open':
    case 'broken':
      return [];
    case 'apiKey':
      return unless(/^[A-Za-z0-9._/:-]{1,512}$/.test(protection.ring), 'InvalidAuth', protection.ring);
    case 'forwardAuth': {
      const { authority, target } = protection;
      const sound =
        /^[A-Za-z0-9.:[\]_-]{1,300}$/.test(authority) && /^\/[!-~]{0,2000}$/.test(target) && !target.includes('#');
      return [
        ...targetFaults(protection.targets, refused),
        ...unless(sound, 'InvalidAuth', `${authority}${target}`),
        ...protection.responseHeaders.flatMap(headerFaults),
        ...timeFaults(protection.timeoutMs),
      ];
    }
    case 'basicAuth': {
      const sound =
        /^[ -~]{1,200}$/.test(protection.realm) &&
        protection.users.every((line) => /^[^:\s]{1,255}:[!-~]{1,255}$/.test(line));
      return unless(sound && protection.users.length > 0, 'InvalidUsers', protection.realm);
    }
    default:
      return protection satisfies never;
  }
}

const never: ReadonlySet<string> = new Set(untouchable.map((name) => name.toLowerCase()));

/** A route may vouch for names, or take them off; never for what frames the request or what the edge tells itself. */
function headerFaults(name: string): readonly Fault[] {
  const sound = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,126}[A-Za-z0-9])?$/.test(name) && !never.has(name.toLowerCase());
  return unless(sound, 'InvalidHeader', name);
}

function corsFaults(cors: Cors): readonly Fault[] {
  const origins = cors.origins.every(
    (origin) => origin === '*' || /^https?:\/\/[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[1-9][0-9]{0,4})?$/.test(origin),
  );
  const methods = cors.methods.every((method) => /^[A-Z]{1,20}$/.test(method));
  return [
    ...unless(
      origins && methods && cors.origins.length > 0,
      'InvalidCors',
      [...cors.origins, ...cors.methods].join(' '),
    ),
    ...unless(isWhole(cors.maxAgeSeconds, 0, 1e7), 'InvalidCors', String(cors.maxAgeSeconds)),
    ...[...cors.headers, ...cors.exposeHeaders].flatMap(headerFaults),
  ];
}

function timeFaults(ms: number): readonly Fault[] {
  return unless(isWhole(ms, 1, 86_400_000), 'InvalidTime', String(ms));
}

function isUrl(text: string): boolean {
  return text.length <= 2000 && /^https?:\/\/[!-~]+$/.test(text) && URL.canParse(text);
}

/** @returns whether it is an IPv4 or IPv6 range. */
export function isRange(text: string): boolean {
  const [address = '', length = '', ...rest] = text.split('/');
  const family = isIP(address);
  return (
    rest.length === 0 &&
    family !== 0 &&
    !address.includes('%') &&
    /^[0-9]{1,3}$/.test(length) &&
    Number(length) <= (family === 6 ? 128 : 32)
  );
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}
