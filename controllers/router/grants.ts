import type { KubeObject } from '../loop/source.ts';

/** The annotation of a Namespace by which whoever runs the cluster says whose a host is: names and `*.` names, spaces between. */
export const hostGrantAnnotation = 'edgeplane.dev/routing-hosts';

/** As much of a Namespace as arbitration needs. */
export interface NamespaceFacts {
  readonly name: string;
  /** As the API server writes times: their order is that of the texts. */
  readonly createdAt: string;
  /** The annotation as it stands; null where there is none. */
  readonly hosts: string | null;
}

/** The facts of a Namespace as the API server shows it. */
export function readNamespace({ metadata }: KubeObject): NamespaceFacts {
  const { name, creationTimestamp = '', annotations = {} } = metadata;
  return { name, createdAt: creationTimestamp, hosts: annotations[hostGrantAnnotation] ?? null };
}

/** Decides which of several namespaces a host is, the same on every router that sees the same Namespaces. */
export interface Arbiter {
  /** Whether a namespace may claim a host at all: a host that is granted to anybody is closed to the others. */
  readonly mayClaim: (namespace: string, host: string) => boolean;
  /** Negative when the first comes before the second: the older Namespace, then the smaller name. */
  readonly compare: (a: string, b: string) => number;
}

/**
 * An arbiter over all Namespaces. Their age decides, and not that of pods: pods are made anew with every rollout, and
 * whoever waits with a claim of its own would take the host over then.
 */
export function createArbiter(namespaces: Iterable<NamespaceFacts>): Arbiter {
  const all = [...namespaces];
  const createdAt = new Map(all.map((namespace) => [namespace.name, namespace.createdAt]));
  const granted = new Map<string, Set<string>>();
  for (const { name, hosts } of all) {
    for (const host of (hosts ?? '').toLowerCase().split(' ')) {
      if (host !== '') granted.set(host, (granted.get(host) ?? new Set()).add(name));
    }
  }
  // An unknown Namespace is one that was made a moment ago.
  const age = (namespace: string) => createdAt.get(namespace) ?? '9999';
  return {
    mayClaim(namespace, host) {
      const owners = granted.get(host) ?? granted.get(wildcardOver(host));
      return owners === undefined || owners.has(namespace);
    },
    compare: (a, b) => compareText(age(a), age(b)) || compareText(a, b),
  };
}

function wildcardOver(host: string): string {
  return `*.${host.slice(host.indexOf('.') + 1)}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
