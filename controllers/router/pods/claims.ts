import type { WrittenPortPath } from '../../../components/dialects/routing.ts';
import type { PodsConfiguration } from '../configuration.ts';
import type { Arbiter } from '../grants.ts';
import { mostRoutes, type Owner, type Rejection, type Target } from '../routing-table.ts';
import type { PodFacts } from './pod.ts';
import { type PodRoutes, readPodRoutes, unroutable } from './pod-routes.ts';

/** One host and path as the pods of one namespace serve it. */
export interface Claim {
  readonly namespace: string;
  readonly host: string;
  readonly path: string;
  /** Sorted by name. */
  readonly owners: readonly Owner[];
  /** Of the pods that serve now, without doubles; empty: none does. */
  readonly targets: readonly Target[];
  /** Whether any of the pods demands a key. */
  readonly demandsKey: boolean;
}

/** Claims that stand, and what was refused of all pods. */
export interface Claims {
  /** One of a host and path. */
  readonly claims: readonly Claim[];
  readonly rejections: readonly Rejection[];
  /** Pods that have no routes now through nobody's mistake. */
  readonly idle: readonly { readonly owner: Owner; readonly why: string }[];
}

/** The most hosts and paths of one namespace: beyond them its pods are refused, and no other namespace pays. */
export const mostRoutesOfNamespace = 4_096;

/** The claims of all pods, at most one namespace for each host and path. The order of the pods means nothing. */
export function claimsOf(pods: readonly PodFacts[], arbiter: Arbiter, configuration: PodsConfiguration): Claims {
  const ledger = new Ledger(configuration);
  const idle: Claims['idle'][number][] = [];
  for (const pod of pods.toSorted(byName)) {
    const why = unroutable(pod);
    if (why === null) ledger.add(pod, readPodRoutes(pod, configuration), arbiter);
    else idle.push({ owner: ownerOf(pod), why });
  }
  return { ...ledger.settle(arbiter), idle };
}

function byName(a: PodFacts, b: PodFacts): number {
  return compareText(a.namespace, b.namespace) || compareText(a.name, b.name);
}

/** What a pod is called in routes and Events. */
function ownerOf({ namespace, name, uid }: PodFacts): Owner {
  return { kind: 'Pod', namespace, name, uid };
}

/** A claim while pods are added to it. */
interface OpenClaim {
  readonly namespace: string;
  readonly host: string;
  readonly path: string;
  readonly owners: Map<string, Owner>;
  readonly targets: Map<string, Target>;
  demandsKey: boolean;
}

class Ledger {
  readonly #pathOf: (path: WrittenPortPath) => string;
  /** By host and path, then by namespace. A space is in neither. */
  readonly #claims = new Map<string, Map<string, OpenClaim>>();
  readonly #routesOf = new Map<string, number>();
  readonly #rejections: Rejection[] = [];

  constructor({ pathMatch }: Pick<PodsConfiguration, 'pathMatch'>) {
    this.#pathOf = pathMatch === 'text' ? ({ written }) => written : ({ path }) => path;
  }

  add(pod: PodFacts, routes: PodRoutes, arbiter: Arbiter): void {
    const owner = ownerOf(pod);
    const refused = routes.hosts.filter((host) => !arbiter.mayClaim(pod.namespace, host));
    const hosts = routes.hosts.filter((host) => !refused.includes(host));
    this.#reject(owner, 'InvalidRouting', routes.problems);
    this.#reject(owner, 'HostNotGranted', refused.slice(0, mostNamed).map(notGranted));
    const keys = hosts.flatMap((host) => routes.paths.map((path) => `${host} ${this.#pathOf(path)}`));
    const added = new Set(keys.filter((key) => !this.#claims.get(key)?.has(pod.namespace))).size;
    const count = (this.#routesOf.get(pod.namespace) ?? 0) + added;
    if (count > mostRoutesOfNamespace) {
      const most = `at most ${mostRoutesOfNamespace} hosts and paths in one namespace`;
      this.#reject(owner, 'TooManyRoutes', [`found ${count} with this pod, expected ${most}`]);
      return;
    }
    this.#routesOf.set(pod.namespace, count);
    for (const host of hosts) {
      for (const path of routes.paths) {
        const { port } = path;
        const claim = this.#open(pod.namespace, host, this.#pathOf(path));
        claim.owners.set(pod.name, owner);
        claim.demandsKey ||= routes.demandsKey;
        if (routes.serves) claim.targets.set(`${pod.ip} ${port}`, { address: pod.ip, port });
      }
    }
  }

  /** Gives each host and path to one namespace, and tells the pods of the others. */
  settle(arbiter: Arbiter): Omit<Claims, 'idle'> {
    const claims: Claim[] = [];
    const lost = new Map<string, { readonly owner: Owner; readonly messages: string[] }>();
    for (const key of [...this.#claims.keys()].toSorted()) {
      const rivals = [...(this.#claims.get(key)?.values() ?? [])].toSorted((a, b) =>
        arbiter.compare(a.namespace, b.namespace),
      );
      const [winner, ...losers] = rivals;
      if (winner === undefined) continue;
      claims.push({ ...winner, owners: [...winner.owners.values()], targets: [...winner.targets.values()] });
      for (const { owners, host, path } of losers) {
        const message = `host ${host}, path ${path}: found it claimed by the older namespace ${winner.namespace}, expected one namespace alone`;
        for (const owner of owners.values()) {
          const entry = lost.get(owner.uid) ?? { owner, messages: [] };
          entry.messages.push(message);
          lost.set(owner.uid, entry);
        }
      }
    }
    for (const { owner, messages } of lost.values()) this.#reject(owner, 'HostTaken', messages.slice(0, mostNamed));
    return { claims: this.#within(claims, arbiter), rejections: this.#rejections };
  }

  /** What the router has room for: namespaces come by age, and one that does not fit whole keeps what fits. */
  #within(claims: readonly Claim[], arbiter: Arbiter): readonly Claim[] {
    if (claims.length <= mostRoutes) return claims;
    // A sort keeps the order of equals, which is that of hosts and paths.
    const byAge = claims.toSorted((a, b) => arbiter.compare(a.namespace, b.namespace));
    const beyond = new Set(byAge.slice(mostRoutes));
    const owners = new Map([...beyond].flatMap((claim) => claim.owners.map((owner) => [owner.uid, owner] as const)));
    const found = `found ${claims.length} hosts and paths in all namespaces, expected at most ${mostRoutes}`;
    for (const owner of owners.values())
      this.#reject(owner, 'TooManyRoutes', [
        `${found}; older namespaces keep theirs, and some of this pod are not served`,
      ]);
    return claims.filter((claim) => !beyond.has(claim));
  }

  #open(namespace: string, host: string, path: string): OpenClaim {
    const key = `${host} ${path}`;
    const rivals = this.#claims.get(key) ?? new Map<string, OpenClaim>();
    this.#claims.set(key, rivals);
    const claim = rivals.get(namespace) ?? {
      namespace,
      host,
      path,
      owners: new Map(),
      targets: new Map(),
      demandsKey: false,
    };
    rivals.set(namespace, claim);
    return claim;
  }

  #reject(owner: Owner, reason: string, messages: readonly string[]): void {
    if (messages.length > 0) this.#rejections.push({ owner, reason, message: messages.join('; ') });
  }
}

/** The most hosts and paths that one refusal names. */
const mostNamed = 5;

function notGranted(host: string): string {
  return `host ${host}: found it granted to other namespaces, expected a grant to this one`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
