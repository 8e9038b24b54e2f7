import { hostRank, rank } from '../../../model/precedence.ts';
import type { RouteMatch } from '../../plan.ts';

/**
 * The priority of a router is a function of its own match alone, so adding a route changes no other object. It is the
 * rank of the contract (below 2^16) with room for eight routers at each rank.
 *
 * The base lies above every priority Traefik takes from the length of a rule (an object has at most 1.5 MiB); all of it
 * lies below 2^31 − 1000, from where Traefik keeps priorities to itself on 32-bit machines.
 */
const base = 2 ** 24;
const room = 8;

/** What stands where among the routers of one match, best first: a guard is right below the route it guards. */
export type Slot = 'challenge' | 'toldWebsocket' | 'toldRoute' | 'websocket' | 'route' | 'unavailable';

const slots: Readonly<Record<Slot, number>> = {
  challenge: 6,
  toldWebsocket: 5,
  toldRoute: 4,
  websocket: 3,
  route: 2,
  unavailable: 1,
};

/** Refusal of dot segments and the like, above everything. */
export const denyPriority = 2 ** 30;

/** Refusal of encoded slashes that no route took, below everything. */
export const lastPriority = 1;

export function routePriority(match: RouteMatch, slot: Slot): number {
  return base + rank(match) * room + slots[slot];
}

/** Below the least route of this host, above every route of a less exact one. */
export function hostGuardPriority(host: RouteMatch['host']): number {
  return base + hostRank(host) * rank({ ...leastOf, host: { kind: 'wildcard', suffix: 'example.org' } }) * room;
}

const leastOf = { path: { kind: 'prefix', path: '/' }, methods: [], headers: [] } as const;
