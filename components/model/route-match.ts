/** What a request must look like to be taken by a route. The contract is docs/routing-contract.md, its meaning `match.ts`. */
export interface RouteMatch {
  readonly host: HostMatch;
  readonly path: PathMatch;
  /** Empty: every method. Sorted. */
  readonly methods: readonly string[];
  /** All must hold. Names in lower case, sorted. */
  readonly headers: readonly HeaderValue[];
}

export type HostMatch =
  | { readonly kind: 'exact'; readonly name: string }
  /** `*.suffix`, one label deep. */
  | { readonly kind: 'wildcard'; readonly suffix: string }
  | { readonly kind: 'any' };

/** A host as DNS and people write it; `any` for a route without host. */
export function hostText(host: HostMatch, any = '*'): string {
  switch (host.kind) {
    case 'exact':
      return host.name;
    case 'wildcard':
      return `*.${host.suffix}`;
    case 'any':
      return any;
    default:
      return host satisfies never;
  }
}

/** A prefix has no trailing slash, except `/` itself; an exact path keeps the one its author wrote. */
export type PathMatch = { readonly kind: 'exact' | 'prefix'; readonly path: string };

export interface HeaderValue {
  readonly name: string;
  readonly value: string;
}

/** As much of a route as its meaning needs. A `RoutePlan` is one. */
export interface MatchableRoute {
  /** Unique in the table and stable. */
  readonly id: string;
  readonly match: RouteMatch;
  readonly action:
    | { readonly kind: 'forward' }
    | {
        readonly kind: 'redirect';
        readonly status: 301 | 302 | 307 | 308;
        /** A whole URL, or the parts that change. */
        readonly to: string | null;
        readonly scheme: 'http' | 'https' | null;
        readonly host: string | null;
        readonly path: string | null;
      };
  readonly protection:
    | { readonly kind: 'open' }
    | {
        readonly kind: 'forwardAuth';
        readonly url: string;
        readonly responseHeaders: readonly string[];
        readonly signIn: string | null;
      }
    | { readonly kind: 'apiKey' | 'bearer'; readonly secret: string; readonly key: string }
    | { readonly kind: 'basicAuth'; readonly secret: string; readonly realm: string };
  readonly rewrite:
    | { readonly kind: 'none' }
    | { readonly kind: 'replacePrefix'; readonly from: string; readonly to: string };
  readonly cors: { readonly origins: readonly string[] } | null;
  readonly allowFrom: readonly string[] | null;
  readonly websocket: boolean;
  readonly httpsRedirect: boolean;
  readonly encodedSlash: 'refuse' | 'allow';
}
