import { Resolver } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { isIP, type LookupFunction } from 'node:net';

/** Finds the addresses of a host; rejects with an error that carries a `code` as Node's own lookup does. */
export type FindAddresses = (host: string) => Promise<readonly string[]>;

/** Where names are looked up. Everything that is left out is what the pod has. */
export interface NameSources {
  /** `resolv.conf(5)`; of it `search`, `domain` and `options ndots` are read. @default the text of /etc/resolv.conf */
  readonly resolvConf?: string;
  /** `hosts(5)`. @default the text of /etc/hosts */
  readonly hosts?: string;
  /** Name servers as `address:port`. @default the ones of /etc/resolv.conf, as c-ares reads them */
  readonly servers?: readonly string[];
  /** Milliseconds that no clock change moves. @default `performance.now` */
  readonly nowMs?: () => number;
}

/** Shortest and longest time an address is kept, whatever its record says; milliseconds. */
const keptMs = { least: 1_000, most: 30_000 } as const;

/** How long it is remembered that a name has no address or that nobody could tell; milliseconds. */
const failureMs = 1_000;

/** More names than the auth services of an edge; the oldest is forgotten first. */
const maxNames = 4_096;

interface Kept {
  readonly found: Promise<readonly string[]>;
  /** Infinity while the question is open: whoever asks for the same name waits for the same answer. */
  untilMs: number;
}

/**
 * Looks names up by c-ares, without Node's four threads: a name that never resolves holds up nobody who asks for
 * another. c-ares queries exactly the name it is given, so the hosts file and the search list are read here.
 */
export function createFindAddresses(sources: NameSources = {}): FindAddresses {
  const { nowMs = () => performance.now() } = sources;
  const search = readSearch(sources.resolvConf ?? read('/etc/resolv.conf'));
  const hosts = readHosts(sources.hosts ?? read('/etc/hosts'));
  const resolver = new Resolver({ timeout: 1_000, tries: 2 });
  if (sources.servers !== undefined) resolver.setServers(sources.servers);
  const kept = new Map<string, Kept>();
  const lookUp = (name: string): Promise<readonly string[]> => {
    const entry: Kept = {
      untilMs: Number.POSITIVE_INFINITY,
      found: queryAll(resolver, candidates(name, search)).then(
        ({ addresses, ttlMs }) => {
          entry.untilMs = nowMs() + Math.min(Math.max(ttlMs, keptMs.least), keptMs.most);
          return addresses;
        },
        (error: unknown) => {
          entry.untilMs = nowMs() + failureMs;
          throw error;
        },
      ),
    };
    kept.delete(name);
    kept.set(name, entry);
    for (const oldest of kept.keys()) if (kept.size > maxNames) kept.delete(oldest);
    return entry.found;
  };
  return async (host) => {
    const name = host.toLowerCase();
    const own = hosts.get(name);
    if (own !== undefined) return own;
    const entry = kept.get(name);
    return entry !== undefined && nowMs() < entry.untilMs ? entry.found : lookUp(name);
  };
}

/** The same for `http.request` and its like. */
export function asLookup(find: FindAddresses): LookupFunction {
  return (host, { all }, done) => {
    find(host).then(
      (addresses) => {
        const found = addresses.map((address) => ({ address, family: isIP(address) }));
        const [first = { address: '', family: 0 }] = found;
        if (all) done(null, found);
        else done(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => done(error, []),
    );
  };
}

interface Search {
  readonly domains: readonly string[];
  /** A name with so many dots is asked for as it is before the search list is tried. */
  readonly ndots: number;
}

function readSearch(text: string): Search {
  let domains: readonly string[] = [];
  let ndots = 1;
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line.trim().split(/\s+/);
    if (keyword === 'search' || keyword === 'domain') domains = words.map((word) => word.replace(/\.$/, ''));
    if (keyword !== 'options') continue;
    for (const word of words) ndots = Number(/^ndots:([0-9]{1,2})$/.exec(word)?.[1] ?? ndots);
  }
  return { domains: domains.filter((domain) => domain !== ''), ndots };
}

/** The names to query, in turn. A name with a dot at its end is whole. */
function candidates(name: string, { domains, ndots }: Search): readonly string[] {
  if (name.endsWith('.')) return [name];
  const below = domains.map((domain) => `${name}.${domain}.`);
  const dots = name.split('.').length - 1;
  return dots >= ndots ? [`${name}.`, ...below] : [...below, `${name}.`];
}

function readHosts(text: string): ReadonlyMap<string, readonly string[]> {
  const hosts = new Map<string, readonly string[]>([['localhost', ['127.0.0.1', '::1']]]);
  const listed = new Map<string, readonly string[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (isIP(address) === 0) continue;
    for (const name of names.map((text) => text.toLowerCase()))
      listed.set(name, [...(listed.get(name) ?? []), address]);
  }
  return new Map([...hosts, ...listed]);
}

interface Found {
  readonly addresses: readonly string[];
  readonly ttlMs: number;
}

/** The first name that has addresses. A server that fails for one name is asked for the next; one that is silent is not. */
async function queryAll(resolver: Resolver, names: readonly string[]): Promise<Found> {
  let failure: unknown = null;
  for (const name of names) {
    try {
      return await query(resolver, name);
    } catch (error) {
      if (isAbsent(error)) failure ??= error;
      else if (codeOf(error) === 'ESERVFAIL') failure = error;
      else throw error;
    }
  }
  throw failure;
}

/** IPv4 first; IPv6 only of a name that exists and has none. */
async function query(resolver: Resolver, name: string): Promise<Found> {
  const records = await resolver.resolve4(name, { ttl: true }).catch((error: unknown) => {
    if (codeOf(error) !== 'ENODATA') throw error;
    return resolver.resolve6(name, { ttl: true });
  });
  return {
    addresses: records.map(({ address }) => address),
    ttlMs: 1_000 * Math.min(...records.map(({ ttl }) => ttl)),
  };
}

function isAbsent(error: unknown): boolean {
  return ['ENOTFOUND', 'ENODATA', 'EBADNAME'].includes(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** A file that is missing says nothing. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
