import type { EnvironmentPlan } from '../plan.ts';

export type EdgeName = EnvironmentPlan['edge'];

/** An edge and who serves it: the Ingresses of the nginx edge mean less to some than to others. */
export type ServedEdge = EdgeName | 'nginx-by-traefik' | 'nginx-by-ingress-nginx';

export type Verdict =
  /** As the contract says. `note`: how, where that is not obvious. */
  | { readonly verdict: 'kept'; readonly note?: string }
  /** Always a little different; it stops no run, and conformance expects exactly this. */
  | { readonly verdict: 'differs'; readonly note: string }
  /** Stops the run where it is asked for, unless the environment accepts it. */
  | {
      readonly verdict: 'loss';
      readonly instead: string;
      readonly fix: string;
      /** What becomes of the route where the loss is accepted. @default served, without what was asked for */
      readonly route?: 'leftOut' | 'closed';
    };

/** The verdicts on one edge, by name of the capability. A test holds every name to the table. */
export type Verdicts = Readonly<Record<string, Verdict>>;

export const kept: Verdict = { verdict: 'kept' };

export function keptBy(note: string): Verdict {
  return { verdict: 'kept', note };
}

export function differs(note: string): Verdict {
  return { verdict: 'differs', note };
}

export function loss(instead: string, fix: string): Verdict {
  return { verdict: 'loss', instead, fix };
}

/** The route is not served at all. */
export function leftOut(fix: string): Verdict {
  return { verdict: 'loss', instead: 'the route is left out', fix, route: 'leftOut' };
}

/** The route lets nobody in: left out, a broader one would answer in its place. */
export function closed(fix: string): Verdict {
  return { verdict: 'loss', instead: 'the route answers 403 to everyone', fix, route: 'closed' };
}

/** Whose row of the table holds in an environment. */
export function servedEdge({ edge, nginx }: Pick<EnvironmentPlan, 'edge' | 'nginx'>): ServedEdge {
  return edge === 'nginx' && nginx.servedBy !== 'controller' ? `nginx-by-${nginx.servedBy}` : edge;
}
