import { readRoutingHost } from '../../components/dialects/routing-grammar.ts';
import { show } from '../../components/model/shown.ts';
import type { KubeObject } from '../loop/source.ts';
import type { Rejection } from './routing-table.ts';

/** The annotation of a Namespace by which whoever runs the cluster says whose a host is: names and `*.` names, white space between. */
export const hostGrantAnnotation = 'edgeplane.dev/routing-hosts';

/** As much of a Namespace as arbitration needs. */
export interface NamespaceFacts {
  readonly name: string;
  readonly uid: string;
  /** As the API server writes times: their order is that of the texts. */
  readonly createdAt: string;
  /** The annotation as it stands; null where there is none. */
  readonly hosts: string | null;
}

/** The facts of a Namespace as the API server shows it. */
export function readNamespace({ metadata }: KubeObject): NamespaceFacts {
  const { name, uid = '', creationTimestamp = '', annotations = {} } = metadata;
  return { name, uid, createdAt: creationTimestamp, hosts: annotations[hostGrantAnnotation] ?? null };
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
    for (const host of hostsIn(hosts)) granted.set(host, (granted.get(host) ?? new Set()).add(name));
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

function hostsIn(annotation: string | null): readonly string[] {
  return (annotation ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter((host) => host !== '');
}

/** What is granted without being a host. It closes nothing to anybody, and whoever wrote it believes that it does. */
export function grantProblems(namespaces: Iterable<NamespaceFacts>): readonly Rejection[] {
  return [...namespaces].flatMap(({ name, uid, hosts }) => {
    const wrong = hostsIn(hosts).filter((host) => !readRoutingHost(host.replace(/^\*\./, '')).ok);
    if (wrong.length === 0) return [];
    const found = wrong.slice(0, mostNamed).map((host) => show(host, []));
    const more = wrong.length > mostNamed ? ` and ${wrong.length - mostNamed} more` : '';
    const expected = 'host names as shop.example.org or *.shop.example.org, white space between; these grant nothing';
    const message = `annotation ${hostGrantAnnotation}: found ${found.join(', ')}${more}, expected ${expected}`;
    return [{ owner: { kind: 'Namespace', namespace: name, name, uid }, reason: 'InvalidGrant', message } as const];
  });
}

/** The most hosts that are named of one Namespace. */
const mostNamed = 5;

function wildcardOver(host: string): string {
  return `*.${host.slice(host.indexOf('.') + 1)}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
