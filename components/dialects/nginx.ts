/** The prefix of ingress-nginx, which Traefik's provider and our controller read as well. */
export const nginxPrefix = 'nginx.ingress.kubernetes.io/';
/** Ours: what the other has no word for, or only an expression. */
export const ownPrefix = 'nginx.edgeplane.dev/';

/**
 * What an Ingress asks for beside its host, path and backend, for each of its paths. `null`: nothing of the kind is asked.
 * Nothing in it is text that a configuration could hold as it stands but what the grammars of `nginx/values.ts` let in.
 */
export interface IngressOptions {
  readonly protection: IngressProtection;
  /** Taken off the request before the app is called: keys that were checked, identity nobody has vouched for. Sorted. */
  readonly removedHeaders: readonly string[];
  /** The matched path is replaced by this one, by whole segments; the rest and the query stay. */
  readonly rewriteTo: string | null;
  /** Plain HTTP gets 308. null: where the Ingress has TLS for the host. */
  readonly httpsRedirect: boolean | null;
  readonly hsts: {
    readonly maxAgeSeconds: number;
    readonly includeSubdomains: boolean;
    readonly preload: boolean;
  } | null;
  readonly bodyLimitBytes: number | null;
  readonly connectMs: number;
  /** Until the first byte of the answer, and between two bytes of it. */
  readonly responseMs: number;
  /** Nothing is held back in either direction. */
  readonly streaming: boolean;
  readonly websocket: boolean;
  readonly encodedSlash: 'refuse' | 'allow';
  /** Only these addresses pass; others get 403. */
  readonly allowFrom: readonly string[] | null;
  readonly backendProtocol: 'HTTP' | 'HTTPS' | 'GRPC';
  /** Answers with a whole URL instead of asking the app. */
  readonly redirect: { readonly status: 301 | 302 | 307 | 308; readonly to: string } | null;
  readonly cors: IngressCors | null;
  readonly sticky: { readonly cookie: string } | null;
}

export type IngressProtection =
  | { readonly kind: 'open' }
  /** Asked with GET and the headers of the request; 2xx passes, 401 and 403 are passed on, all else is a 5xx. */
  | {
      readonly kind: 'forwardAuth';
      readonly url: string;
      /** Copied from the answer to the request, over what the client sent. Sorted. */
      readonly responseHeaders: readonly string[];
      readonly timeoutMs: number;
    }
  | { readonly kind: 'basicAuth'; readonly secret: string; readonly realm: string };

export interface IngressCors {
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly credentials: boolean;
  readonly maxAgeSeconds: number;
}

/** What an Ingress without annotations asks for: the defaults of the contract, not those of ingress-nginx. */
export const defaultOptions = Object.freeze<IngressOptions>({
  protection: { kind: 'open' },
  removedHeaders: [],
  rewriteTo: null,
  httpsRedirect: null,
  hsts: null,
  bodyLimitBytes: null,
  connectMs: 5_000,
  responseMs: 60_000,
  streaming: true,
  websocket: false,
  encodedSlash: 'refuse',
  allowFrom: null,
  backendProtocol: 'HTTP',
  redirect: null,
  cors: null,
  sticky: null,
});
