import {
  decodeHostGrants,
  type HostGrants,
  mayHave,
  type Owners,
  ownersOf,
} from '../../components/dialects/host-grants.ts';
import { readRoutingHost } from '../../components/dialects/routing-grammar.ts';
import { show } from '../../components/model/shown.ts';
import type { KubeObject, Source } from '../loop/source.ts';
import type { ObjectName } from './environment-values.ts';
import type { Rejection } from './routing-table.ts';

/**
 * The annotation of a Namespace by which whoever runs the cluster says whose a host is: names and `*.` names, white space
 * between. Read by a router that is told of no ConfigMap of grants.
 */
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

/** The ConfigMap of grants: the one place that says whose a host is, where a router is told of it. */
export interface GrantsFacts {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly data: Readonly<Record<string, string>>;
}

/** The source of the one ConfigMap of that name. */
export function grantsSource({ namespace, name }: ObjectName): Source<GrantsFacts> {
  return {
    apiVersion: 'v1',
    plural: 'configmaps',
    namespace,
    fieldSelector: `metadata.name=${name}`,
    project: readGrants,
  };
}

/** The facts of a ConfigMap; what is no text of it grants nothing. */
export function readGrants({ metadata, data }: KubeObject): GrantsFacts {
  const texts = Object.entries(data ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const { name, namespace = '', uid = '' } = metadata;
  return { namespace, name, uid, data: Object.fromEntries(texts) };
}

/** Which hosts are whose, and what of it says nothing. */
export interface Granted {
  readonly grants: HostGrants;
  readonly problems: readonly Rejection[];
}

/** What a state of the cluster says of grants. */
export interface GrantObjects {
  readonly namespaces: ReadonlyMap<string, NamespaceFacts>;
  /** By `namespace/name`; absent where the router is told of none. */
  readonly grants?: ReadonlyMap<string, GrantsFacts>;
}

/**
 * What reads the grants of one state after the other. A ConfigMap that is deleted takes nobody's hosts away: what it said
 * last holds on.
 * @param name of the ConfigMap; null: Namespaces say it by annotation, and a host that none of them names is anybody's.
 * @throws while the ConfigMap has not been there: who may have a host is not known then, and nobody is let in by a guess.
 */
export function grantsReader(name: ObjectName | null): (objects: GrantObjects) => Granted {
  if (name === null) return ({ namespaces }) => grantedByNamespaces([...namespaces.values()]);
  let last: Granted | null = null;
  return ({ grants }) => {
    const found = grants?.get(`${name.namespace}/${name.name}`);
    if (found !== undefined) last = grantedBy(found);
    if (last !== null) return last;
    const place = `${name.namespace}/${name.name}`;
    throw new Error(`found no ConfigMap ${place}, expected there which namespaces may have which hosts (HOST_GRANTS)`);
  };
}

function grantedBy({ namespace, name, uid, data }: GrantsFacts): Granted {
  const { grants, problems } = decodeHostGrants(data);
  const owner = { kind: 'ConfigMap', namespace, name, uid } as const;
  return {
    grants,
    problems: problems.slice(0, mostNamed).map((message) => ({ owner, reason: 'InvalidGrant', message })),
  };
}

function grantedByNamespaces(namespaces: readonly NamespaceFacts[]): Granted {
  const hosts = new Map<string, Set<string>>();
  for (const { name, hosts: text } of namespaces)
    for (const host of hostsIn(text)) hosts.set(host, (hosts.get(host) ?? new Set()).add(name));
  return { grants: { hosts, others: 'anybody' }, problems: grantProblems(namespaces) };
}

/** Decides which of several namespaces a host is, the same on every router that sees the same objects. */
export interface Arbiter {
  /** Whether a namespace may claim a host at all: a host that is granted to anybody is closed to the others. */
  readonly mayClaim: (namespace: string, host: string) => boolean;
  /** Why it may not, for people. */
  readonly refusal: (host: string) => string;
  /** Negative when the first comes before the second: the older Namespace, then the smaller name. */
  readonly compare: (a: string, b: string) => number;
}

/**
 * An arbiter over all Namespaces. Their age decides, and not that of pods: pods are made anew with every rollout, and
 * whoever waits with a claim of its own would take the host over then.
 */
export function createArbiter(namespaces: Iterable<NamespaceFacts>, grants: HostGrants): Arbiter {
  const createdAt = new Map([...namespaces].map((namespace) => [namespace.name, namespace.createdAt]));
  // An unknown Namespace is one that was made a moment ago.
  const age = (namespace: string) => createdAt.get(namespace) ?? '9999';
  return {
    mayClaim: (namespace, host) => mayHave(grants, namespace, host),
    refusal: (host) => refusalOf(host, ownersOf(grants, host)),
    compare: (a, b) => compareText(age(a), age(b)) || compareText(a, b),
  };
}

/** The other namespaces are not named: who has a host is no business of who asks for it. */
function refusalOf(host: string, owners: Owners): string {
  const found = owners === 'anybody' || owners.size > 0 ? 'it granted to other namespaces' : 'no grant of it';
  return `host ${host}: found ${found}, expected a grant to this one`;
}

function hostsIn(annotation: string | null): readonly string[] {
  return (annotation ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter((host) => host !== '');
}

/** What is granted without being a host. It closes nothing to anybody, and whoever wrote it believes that it does. */
function grantProblems(namespaces: Iterable<NamespaceFacts>): readonly Rejection[] {
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

/** The most hosts that are named of one Namespace, and keys of the ConfigMap. */
const mostNamed = 5;

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
