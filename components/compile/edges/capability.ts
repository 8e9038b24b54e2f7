// Long: one table, every capability and what the traefik edge makes of it.
import type { Loss, Place } from '../../model/problem.ts';
import { catalogVerdicts } from './catalog/verdicts.ts';
import { ingressNginxVerdicts, nginxVerdicts, traefikVerdicts } from './nginx/verdicts.ts';
import { podsVerdicts } from './pods/verdicts.ts';
import { kept, leftOut, type ServedEdge, type Verdict, type Verdicts } from './verdict.ts';

/**
 * What each edge keeps of the routing contract and of what authors may ask. `emit` takes its losses from here, docs/edges.md
 * is written from here, and so is what the CLI says: none of them can disagree.
 */
export interface Capability {
  /** Name inside an edge: the loss is `<edge>/<name>`. */
  readonly name: string;
  /** What is asked for, as a noun. */
  readonly feature: string;
  readonly edges: Partial<Readonly<Record<ServedEdge, Verdict>>>;
}

/** What is asked for, with the verdicts of the traefik edge; the other edges keep theirs in a file of their own. */
const rows: readonly Capability[] = [
  {
    name: 'host-before-path',
    feature: 'A host that is routed never falls through to a wildcard or the default backend',
    edges: { traefik: { verdict: 'kept', note: 'a 404 guard below the routes of each host' } },
  },
  {
    name: 'segment-prefix',
    feature: 'Prefixes by whole segments, exact before longer prefix',
    edges: { traefik: kept },
  },
  { name: 'method-and-header-match', feature: 'Matching on methods and headers', edges: { traefik: kept } },
  {
    name: 'refused-paths',
    feature: '400 for dot segments, `//`, backslash, controls and the escapes %00 %23 %25 %2F %3B %3F %5C',
    edges: {
      traefik: {
        verdict: 'kept',
        note: 'a deny router above all routes; raw bytes above 0x7F in a path pass, encoded',
      },
    },
  },
  {
    name: 'exact-path',
    feature: 'Exact paths',
    edges: { traefik: kept },
  },
  {
    name: 'wildcard-host',
    feature: 'Wildcard hosts',
    edges: { traefik: kept },
  },
  {
    name: 'host-less',
    feature: 'Routes without host, the default backend',
    edges: { traefik: kept },
  },
  {
    name: 'host-path-product',
    feature: 'An app with other paths on one host than on another',
    edges: { traefik: kept },
  },
  {
    name: 'service-routes',
    feature: 'Routes on a Service that something else makes (`EdgeRoutes`)',
    edges: { traefik: kept },
  },
  {
    name: 'path-characters',
    feature: 'Paths with one of `~:@!&()*+,=`',
    edges: { traefik: kept },
  },
  {
    name: 'url-characters',
    feature: 'URLs with one of `%+@!*()` as `forwardAuth.url` or `redirect.to`',
    edges: { traefik: kept },
  },
  {
    name: 'colon-path',
    feature: 'Paths with a colon',
    edges: { traefik: kept },
  },
  { name: 'header-limit', feature: 'Request line and headers bounded, 431 beyond', edges: { traefik: kept } },
  { name: 'encoded-slash', feature: '`encodedSlash: allow`', edges: { traefik: kept } },
  {
    name: 'fail-closed',
    feature: '503 where a reference is missing or broken, never another route',
    edges: { traefik: { verdict: 'kept', note: 'a guard one priority below each route' } },
  },
  {
    name: 'forward-auth',
    feature: 'Forward auth: copied headers, 401 and 403 as they are, 5xx when nobody answers',
    edges: {
      traefik: {
        verdict: 'kept',
        note: 'asked by a program beside Traefik, which makes 500 of all else',
      },
    },
  },
  { name: 'outside-auth', feature: '`forwardAuth.url` with https, or outside the cluster', edges: { traefik: kept } },
  {
    name: 'sign-in',
    feature: '`signIn` of forward auth',
    edges: {
      traefik: {
        verdict: 'kept',
        note: 'a 401 becomes a 302 to it, with the address the visitor asked for as `rd`',
      },
    },
  },
  { name: 'routing-key', feature: 'API keys and bearer tokens', edges: { traefik: kept } },
  { name: 'basic-auth', feature: 'Basic auth', edges: { traefik: kept } },
  {
    name: 'identity-headers',
    feature: 'A header that forward auth vouches for reaches the app by no other of its routes',
    edges: { traefik: kept },
  },
  {
    name: 'client-headers',
    feature: 'Identity and forwarding headers of clients never reach an app, in any spelling',
    edges: { traefik: { verdict: 'kept', note: '`X-Forwarded-Proto` is ws or wss on upgrades' } },
  },
  {
    name: 'key-for-all',
    feature: 'Routes with an API key beside open ones in one namespace',
    edges: { traefik: kept },
  },
  {
    name: 'upgrades',
    feature: 'Only WebSocket upgrades, and only on routes that ask for them',
    edges: { traefik: kept },
  },
  { name: 'rewrite', feature: 'Strip and replace prefix, told in `X-Forwarded-Prefix`', edges: { traefik: kept } },
  {
    name: 'redirect-parts',
    feature: 'Redirects that change scheme, host or path and keep the rest',
    edges: { traefik: kept },
  },
  {
    name: 'protected-redirect',
    feature: 'Protection before a redirect',
    edges: { traefik: kept },
  },
  {
    name: 'header-changes',
    feature: 'Headers set or removed, of the request and of the answer',
    edges: { traefik: kept },
  },
  {
    name: 'redirect-status',
    feature: 'Redirects with the status that is asked for; https redirect 308',
    edges: {
      traefik: {
        verdict: 'kept',
        note: 'by a program beside Traefik',
      },
    },
  },
  { name: 'hsts', feature: 'HSTS', edges: { traefik: kept } },
  { name: 'cors', feature: 'CORS, preflight answered before protection', edges: { traefik: kept } },
  {
    name: 'body-limit',
    feature: 'Body limit, 413',
    edges: { traefik: { verdict: 'kept', note: 'request and response are held first, above 1 MiB on disk' } },
  },
  {
    name: 'streaming-with-body-limit',
    feature: '`streaming` together with `bodyLimit`',
    edges: {
      traefik: {
        verdict: 'loss',
        instead: 'request and response are held until they are complete',
        fix: 'Set streaming: false, or leave bodyLimit to the app.',
      },
    },
  },
  {
    name: 'timeouts',
    feature: 'Connect, response and idle timeouts of a route',
    edges: { traefik: { verdict: 'kept', note: 'besides, a whole request must arrive within 10 minutes' } },
  },
  {
    name: 'rate-limit',
    feature: 'Rate limit by client address',
    edges: { traefik: { verdict: 'kept', note: '429; each edge node counts for itself' } },
  },
  { name: 'allow-from', feature: 'IP allow-list', edges: { traefik: kept } },
  { name: 'allowed-proxy', feature: '`allowFrom` with one of `trustedProxies` in it', edges: { traefik: kept } },
  { name: 'retries', feature: 'Retries of requests that reached nobody', edges: { traefik: kept } },
  { name: 'weights', feature: 'Weighted targets', edges: { traefik: kept } },
  { name: 'sticky', feature: 'Sticky sessions by cookie', edges: { traefik: kept } },
  {
    name: 'target-in-other-namespace',
    feature: 'A target in another namespace than the route',
    edges: {
      traefik: {
        verdict: 'loss',
        instead: 'the route answers 503, because the edge follows no reference across namespaces',
        fix: 'Put the route in the namespace of its target.',
      },
    },
  },
  {
    name: 'https-upstream',
    feature: 'Targets that speak https',
    edges: {
      traefik: {
        verdict: 'kept',
        note: 'their certificate must hold `<service>.<namespace>.svc`, signed by the `ca` of the port or by a public CA',
      },
    },
  },
  { name: 'upstream-ca', feature: '`ca` of an https port', edges: { traefik: kept } },
  {
    name: 'grpc',
    feature: 'gRPC and HTTP/2 without TLS to the app',
    edges: {
      traefik: { verdict: 'kept', note: 'where a route streams, answers with a length are passed on each 100 ms' },
    },
  },
  {
    name: 'tls',
    feature: 'TLS from Secret, issuer or default certificate, 1.2 at least',
    edges: {
      traefik: { verdict: 'kept', note: 'the certificate is no boundary: a known host is served under any name' },
    },
  },
  {
    name: 'acme',
    feature: '`/.well-known/acme-challenge/` left to the certificate solver',
    edges: { traefik: { verdict: 'kept', note: 'Ingresses of cert-manager with class edgeplane are served' } },
  },
  {
    name: 'private-door',
    feature: '`audience: private`',
    edges: { traefik: leftOut('Take the pods edge with privateDoor, or make the route public.') },
  },
  {
    name: 'dns',
    feature: '`dns` without a fixed address or `dnsTarget`',
    edges: {
      traefik: {
        verdict: 'loss',
        instead: 'external-dns publishes nothing, because an IngressRoute has no status to tell it an address',
        fix: 'Set dnsTarget to a name for the load balancer, or its fixed address, in the environment.',
      },
    },
  },
  {
    name: 'strip-comma',
    feature: 'Stripping a prefix with a comma in it',
    edges: { traefik: kept },
  },
  {
    name: 'tag-room',
    feature: 'One route whose options fill more than 100 KiB',
    edges: { traefik: kept },
  },
  {
    name: 'unknown-host-close',
    feature: '`unknownHost: close`',
    edges: {
      traefik: {
        verdict: 'loss',
        instead: 'a host without routes gets 404',
        fix: "Set unknownHost: '404', or take the nginx or pods edge.",
      },
    },
  },
];

const columns: Partial<Readonly<Record<ServedEdge, Verdicts>>> = {
  nginx: nginxVerdicts,
  'nginx-by-traefik': traefikVerdicts,
  'nginx-by-ingress-nginx': ingressNginxVerdicts,
  pods: podsVerdicts,
  catalog: catalogVerdicts,
};

export const capabilities: readonly Capability[] = rows.map((row) => ({
  ...row,
  edges: { ...row.edges, ...columnsOf(row.name) },
}));

/** Where a column of its own says nothing of a row, that edge keeps it. */
function columnsOf(name: string): Capability['edges'] {
  return Object.fromEntries(Object.entries(columns).map(([edge, verdicts]) => [edge, verdicts[name] ?? kept]));
}

const byName = new Map(capabilities.map((capability) => [capability.name, capability]));

/** What an edge makes of a capability; undefined where the table has no such name, or no word on that edge. */
export function verdictOf(edge: ServedEdge, name: string): Verdict | undefined {
  return byName.get(name)?.edges[edge];
}

/** One loss of an edge. Throws when the table does not call it a loss: that is a mistake of ours, not of an author. */
export function lossOf(edge: ServedEdge, name: string, at: Place): Loss {
  const capability = byName.get(name);
  const verdict = capability?.edges[edge];
  if (capability === undefined || verdict?.verdict !== 'loss') throw new Error(`no loss ${edge}/${name} in the table`);
  return { name: `${edge}/${name}`, at, asked: capability.feature, instead: verdict.instead, fix: verdict.fix };
}
