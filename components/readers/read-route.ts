import type { MatchableRoute } from '../model/route-match.ts';
import type { FoundObject, Note } from './kube-object.ts';

/** Who is asked before the app is called, as far as the objects tell. */
export type ReadProtection = MatchableRoute['protection'] | { readonly kind: 'unknown'; readonly why: string };

/** A route as its meaning needs it; of an unknown protection `match` can say nothing. */
export type ReadMeaning = Omit<MatchableRoute, 'protection'> & { readonly protection: ReadProtection };

/** A route that was read from an object. */
export interface ReadRoute extends ReadMeaning {
  readonly source: Pick<FoundObject, 'kind' | 'namespace' | 'name' | 'subject'> & { readonly at: Note['at'] };
  /** Routes of different edges never meet: an ingress class, or the Gateway that a route names. */
  readonly edge: string;
  /** What clients must speak to be served by this route. */
  readonly schemes: readonly ('http' | 'https')[];
  /** `shop/cart:80`; several with a comma. Empty for a redirect. */
  readonly backend: string;
  readonly tls: { readonly kind: 'off' | 'default' } | { readonly kind: 'secret' | 'resolver'; readonly name: string };
  /**
   * Requests below `/.well-known/acme-challenge/`: `taken` like all others, `left` to the certificate solver, or
   * `open`: taken, and nobody is asked.
   */
  readonly challenge: 'taken' | 'left' | 'open';
  /** The number by which the edge itself orders routes, where it has one. */
  readonly priority: number | null;
  /** Whether the route takes exactly the requests that `match` says, or more, or fewer; a note tells which. */
  readonly fit: 'same' | 'wider' | 'narrower';
  /** A share of another route's requests, as canaries take: no rival of it. */
  readonly share: boolean;
  readonly notes: readonly Note[];
}

/** A router that only refuses: 404 for what the routes of a host leave, 503 for a route whose protection is broken. */
export interface ReadGuard {
  readonly edge: string;
  readonly match: MatchableRoute['match'];
  readonly priority: number | null;
}

/** What the objects say. */
export interface Reading {
  readonly routes: readonly ReadRoute[];
  readonly guards: readonly ReadGuard[];
  /** Notes that belong to no single route. */
  readonly notes: readonly Note[];
  /** How many objects of other kinds there were. */
  readonly ignored: Readonly<Record<string, number>>;
}
