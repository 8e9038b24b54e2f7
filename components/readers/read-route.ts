import type { MatchableRoute } from '../model/route-match.ts';
import type { FoundObject, Note } from './kube-object.ts';

/** Who is asked before the app is called, as far as the objects tell. */
export type ReadProtection = MatchableRoute['protection'] | { readonly kind: 'unknown'; readonly why: string };

/** A route as its meaning needs it; of an unknown protection `match` can say nothing. */
export type ReadMeaning = Omit<MatchableRoute, 'protection'> & { readonly protection: ReadProtection };

export type RedirectStatus = 301 | 302 | 307 | 308;

/** The controllers whose objects are read; `unread` for all others, of whose routes nothing is judged. */
export type Dialect = 'ingress-nginx' | 'traefik' | 'gateway' | 'edgeplane' | 'unread';

/** How an edge compares the path of a request. */
export type Comparison =
  /** As `match.path` says. */
  | { readonly kind: 'contract' }
  /** The path begins with these characters. */
  | { readonly kind: 'characters'; readonly prefix: string }
  /** The path begins with what this expression takes, without regard to case. Longer texts are tried first. */
  | { readonly kind: 'expression'; readonly text: string };

/** A route that was read from an object. */
export interface ReadRoute extends ReadMeaning {
  readonly source: Pick<FoundObject, 'kind' | 'namespace' | 'name' | 'subject'> & { readonly at: Note['at'] };
  /** Routes of different edges never meet: an ingress class, or the Gateway that a route names. */
  readonly edge: string;
  /** Whose order and comparison of routes holds. */
  readonly dialect: Dialect;
  /** How the edge compares paths, where it does not do it as `match` says. */
  readonly comparison: Comparison;
  /** A wildcard host covers any number of labels. */
  readonly deepHost: boolean;
  /** Query parameters that a request must have; value null: with any value. */
  readonly queries: readonly { readonly name: string; readonly value: string | null }[];
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
  /** Status of the redirect of plain HTTP to https, for GET and for other methods. */
  readonly httpsStatus: { readonly get: RedirectStatus; readonly other: RedirectStatus };
  /** Whatever was asked for, the app gets this path. null: as `rewrite` says. */
  readonly replacedPath: string | null;
  /** The app learns the removed prefix by `X-Forwarded-Prefix`. */
  readonly tellsPrefix: boolean;
  /** `GET /` on the host is redirected here before anybody is asked. */
  readonly appRoot: string | null;
  /** Expressions over the URL: what one of them matches is redirected instead of being served. */
  readonly redirectExpressions: readonly string[];
  /** The edge answers 400 to paths that the contract refuses; other edges resolve them first. */
  readonly refusesOddPaths: boolean;
  /** The number by which the edge itself orders routes, where it has one. */
  readonly priority: number | null;
  /** Whether the route takes exactly the requests that `match` says, or more, or fewer; a note tells which. */
  readonly fit: 'same' | 'wider' | 'narrower';
  /** A share of another route's requests, as canaries take: no rival of it. */
  readonly share: boolean;
  readonly notes: readonly Note[];
}

/** What one object says. */
export interface ObjectReading {
  readonly routes: readonly ReadRoute[];
  readonly guards: readonly ReadGuard[];
  readonly notes: readonly Note[];
}

/** The protection of middlewares; one that is missing protects nobody, and nobody knows. */
export function protectionOf({
  missing,
  protection,
}: {
  readonly missing: readonly string[];
  readonly protection: ReadProtection;
}): ReadProtection {
  return missing.length > 0 ? { kind: 'unknown', why: `${missing.join(', ')} is missing` } : protection;
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
  /** How many objects there were that route requests and that no reader reads, by kind. */
  readonly unread: Readonly<Record<string, number>>;
}
