/** A request as it arrives at the edge, before anything is cleaned. */
export interface EdgeRequest {
  readonly scheme: 'http' | 'https';
  /** The Host field (or :authority) as sent; empty when there is none. */
  readonly host: string;
  readonly method: string;
  /** The raw request target: `/a%20b?x=1`, or the absolute form. */
  readonly target: string;
  /** Names in any spelling. */
  readonly headers: Readonly<Record<string, string>>;
  /** The client's address as the edge believes it. Absent: `allowFrom` is not judged. */
  readonly clientAddress?: string;
}

/** What the environment says about requests that no route takes. */
export interface MatchOptions {
  /** Requests below `/.well-known/acme-challenge/` are left to the certificate solver. @default true */
  readonly acme?: boolean;
}

/** Who is asked before the app is called, and with what. */
export type Asks =
  | {
      readonly kind: 'forwardAuth';
      readonly url: string;
      /** The request target as the client sent it, before any rewrite (`X-Forwarded-Uri`). */
      readonly forwardedUri: string;
      readonly forwardedHost: string;
      readonly forwardedMethod: string;
      readonly responseHeaders: readonly string[];
      readonly signIn: string | null;
    }
  | { readonly kind: 'apiKey' | 'bearer'; readonly header: string; readonly secret: string; readonly key: string }
  | { readonly kind: 'basicAuth'; readonly secret: string; readonly realm: string };

/** Why a route of the request's host group did not take it. */
export interface Lost {
  readonly route: string;
  readonly why:
    | 'a more specific host is routed'
    | 'path differs'
    | 'method differs'
    | 'headers differ'
    | 'left to the certificate solver'
    | 'a more specific route takes it';
}

/** What happens to a request. `lost` names the routes that could have been meant and why each was not. */
export type Outcome = (
  | {
      readonly kind: 'route';
      readonly route: string;
      /** null: nobody is asked. */
      readonly asks: Asks | null;
      /** What the app gets as path, and the query as sent. */
      readonly upstreamTarget: string;
      readonly upstreamPath: string;
      /** Value of `X-Forwarded-Prefix` upstream; null: the header is absent. */
      readonly forwardedPrefix: string | null;
      /** The connection is upgraded to WebSocket. */
      readonly upgrade: boolean;
    }
  | {
      readonly kind: 'redirect';
      /** null: the edge answers before any route's protection, as for plain HTTP. */
      readonly asks: Asks | null;
      readonly route: string;
      readonly status: 301 | 302 | 307 | 308;
      readonly location: string;
    }
  | { readonly kind: 'preflight'; readonly route: string }
  | { readonly kind: 'refused'; readonly status: 400 | 403; readonly why: string; readonly route: string | null }
  | {
      readonly kind: 'notFound';
      readonly status: 404;
      readonly why: 'unknown host' | 'no route for path' | 'method' | 'headers' | 'left to the certificate solver';
    }
) & { readonly lost: readonly Lost[] };
