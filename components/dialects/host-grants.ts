import type { HostMatch } from '../model/route-match.ts';
import { show } from '../model/shown.ts';
import { readRoutingHost } from './routing-grammar.ts';

/**
 * Which namespaces may have which hosts. The compiler writes it as one ConfigMap of an environment, in the namespace of
 * the edge, where no tenant may write; routers, solvers, publishers and admission policies read it.
 * docs/adr/0009-host-grants.md tells why there.
 */
export interface HostGrants {
  /** Namespaces by host: a name, `*.` and a name for a wildcard of one label, `*` for requests that no other host takes. */
  readonly hosts: ReadonlyMap<string, ReadonlySet<string>>;
  /** Who may have a host that is not among them; `anybody`: whoever comes first. */
  readonly others: Owners;
}

/** The namespaces that may have a host. */
export type Owners = 'anybody' | ReadonlySet<string>;

/** Name of the ConfigMap of an edge. */
export function hostGrantsName(edgeName: string): string {
  return `${edgeName}-grants`;
}

/** The key of what holds for all other hosts: an underscore is in no name of a namespace. */
const otherHosts = '_other';
const anybody = '*';

/** The `data` of the ConfigMap: the hosts of each namespace, all sorted, and who has the others. */
export function encodeHostGrants({ hosts, others }: HostGrants): Readonly<Record<string, string>> {
  const byNamespace = new Map<string, string[]>();
  for (const [host, namespaces] of hosts)
    for (const namespace of namespaces) byNamespace.set(namespace, [...(byNamespace.get(namespace) ?? []), host]);
  const entries = [...byNamespace].map(([namespace, own]) => [namespace, own.toSorted().join(' ')] as const);
  const rest = [otherHosts, others === 'anybody' ? anybody : [...others].toSorted().join(' ')] as const;
  return Object.fromEntries([...entries, rest].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Grants as they were read, and what of them says nothing. */
export interface ReadGrants {
  readonly grants: HostGrants;
  /** A sentence for each host that is none. */
  readonly problems: readonly string[];
}

/** Reads the `data` of the ConfigMap. What is no host grants nothing; without `_other` nobody has other hosts. */
export function decodeHostGrants(data: Readonly<Record<string, string>>): ReadGrants {
  const hosts = new Map<string, Set<string>>();
  const problems: string[] = [];
  for (const [namespace, value] of Object.entries(data)) {
    if (namespace === otherHosts) continue;
    for (const host of wordsOf(value)) {
      if (isHost(host)) hosts.set(host, (hosts.get(host) ?? new Set()).add(namespace));
      else
        problems.push(`namespace ${namespace}: found ${show(host, [])}, expected ${expectedHost}; it grants nothing`);
    }
  }
  const others = wordsOf(data[otherHosts] ?? '');
  return { grants: { hosts, others: others.includes(anybody) ? 'anybody' : new Set(others) }, problems };
}

const expectedHost = 'a host name in lower case, *.example.org, or * for routes without a host';

function isHost(host: string): boolean {
  if (host === '*') return true;
  const name = host.replace(/^\*\./, '');
  const read = readRoutingHost(name);
  return read.ok && read.value === name;
}

function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/**
 * Who may have a host. A grant of the host itself stands over one of the wildcard above it, and that over what is said
 * of all others.
 * @param host as `hostText` writes one: `shop.example.org`, `*.example.org`, or `*`.
 */
export function ownersOf({ hosts, others }: HostGrants, host: string): Owners {
  return hosts.get(host) ?? hosts.get(wildcardOver(host)) ?? others;
}

/** Whether a namespace may have a host. */
export function mayHave(grants: HostGrants, namespace: string, host: string): boolean {
  const owners = ownersOf(grants, host);
  return owners === 'anybody' || owners.has(namespace);
}

/** The wildcard that a name is below, one label up. */
export function wildcardOver(host: string): string {
  return `*${host.slice(host.indexOf('.'))}`;
}

/** A host of the keys as a match. */
export function hostMatch(host: string): HostMatch {
  if (host === '*') return { kind: 'any' };
  return host.startsWith('*.') ? { kind: 'wildcard', suffix: host.slice(2) } : { kind: 'exact', name: host };
}
