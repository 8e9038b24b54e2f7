import { createHash } from 'node:crypto';
import { upstreamName } from '../../../components/dialects/routing.ts';
import type { PodsConfiguration } from '../configuration.ts';
import { createArbiter, grantProblems, type NamespaceFacts } from '../grants.ts';
import type { KeyRing, Rejection, Route, RouteAction, RouteProtection } from '../routing-table.ts';
import type { Served } from '../served.ts';
import { type Claim, claimsOf } from './claims.ts';
import type { KeyFacts } from './namespace-key.ts';
import type { PodFacts } from './pod.ts';

/** Everything the pods source knows, each by `namespace/name` (Namespaces by name). */
export interface PodObjects {
  readonly pods: ReadonlyMap<string, PodFacts>;
  /** The routing Secret of each namespace that has one. */
  readonly secrets: ReadonlyMap<string, KeyFacts>;
  readonly namespaces: ReadonlyMap<string, NamespaceFacts>;
}

/**
 * The table of one state of the cluster, whatever came before it but for `keyed`.
 * @param keyed namespaces that have had a key: they stay closed without one.
 * @param nowMs wall clock, milliseconds since 1970: keys that were rotated out end at a time.
 */
export function podsTable(
  objects: PodObjects,
  configuration: PodsConfiguration,
  keyed: ReadonlySet<string>,
  nowMs: number,
): Served {
  const arbiter = createArbiter(objects.namespaces.values());
  const { claims, rejections, idle } = claimsOf([...objects.pods.values()], arbiter, configuration);
  const secretName = configuration.apiKeySecret.name;
  const keyOf = (namespace: string) => objects.secrets.get(`${namespace}/${secretName}`);
  const keys = new Map<string, KeyRing>();
  for (const { namespace, demandsKey } of claims) {
    const ring = ringOf(keyOf(namespace), demandsKey || keyed.has(namespace), configuration, nowMs);
    if (ring !== null) keys.set(namespace, ring);
  }
  const protectionOf = ({ namespace, demandsKey }: Claim): RouteProtection =>
    demandsKey || keyed.has(namespace) || keyOf(namespace) !== undefined
      ? { kind: 'apiKey', ring: namespace }
      : { kind: 'open' };
  const told = claims.flatMap((claim) => keyRejection(claim, keys.get(claim.namespace), keyOf(claim.namespace)));
  const table = {
    routes: claims.map((claim) => routeOf(claim, protectionOf(claim), configuration)),
    certificates: [],
    defaultCertificate: null,
    keys,
  };
  const grants = grantProblems(objects.namespaces.values());
  return { table, rejections: [...grants, ...rejections, ...firstOfEach(told)], idle };
}

function ringOf(
  key: KeyFacts | undefined,
  wanted: boolean,
  { apiKeySecret }: PodsConfiguration,
  nowMs: number,
): KeyRing | null {
  const secret = `Secret ${apiKeySecret.name}`;
  if (key === undefined) return wanted ? { kind: 'faulty', why: `found no ${secret} in the namespace` } : null;
  if (key.kind === 'broken') return { kind: 'faulty', why: `${secret}, ${key.why}` };
  const previous = key.previous !== null && key.previous.untilMs > nowMs ? [key.previous.sha256] : [];
  return { kind: 'usable', digests: [key.sha256, ...previous] };
}

/** Told on a pod of the namespace: those who may read its Events may not be those who may read the Secret's. */
function keyRejection(claim: Claim, ring: KeyRing | undefined, key: KeyFacts | undefined): readonly Rejection[] {
  const [owner] = claim.owners;
  if (owner === undefined) return [];
  if (ring?.kind === 'faulty') {
    const fix = 'Until the Secret has a key again, callers get 503.';
    return [{ owner, reason: 'KeyUnusable', message: `${ring.why}, expected a key of 16 bytes or more. ${fix}` }];
  }
  const weak = key?.kind === 'usable' && key.weak;
  return weak
    ? [{ owner, reason: 'KeyWeak', message: 'found a key of fewer than 16 bytes, expected more: it can be guessed' }]
    : [];
}

/** One for each namespace and reason. */
function firstOfEach(rejections: readonly Rejection[]): readonly Rejection[] {
  const seen = new Map<string, Rejection>();
  for (const rejection of rejections) {
    const key = `${rejection.owner.namespace} ${rejection.reason}`;
    if (!seen.has(key)) seen.set(key, rejection);
  }
  return [...seen.values()];
}

/** As nginx has it by itself, but for a pod that does not answer at all: another one is not waited for a minute. */
const connectMs = 5_000;
const responseMs = 60_000;

function routeOf(claim: Claim, protection: RouteProtection, { pathMatch }: PodsConfiguration): Route {
  const { host, path, owners, targets } = claim;
  const action: RouteAction =
    targets.length === 0
      ? { kind: 'unavailable' }
      : {
          kind: 'forward',
          targets,
          protocol: 'http',
          rewriteTo: null,
          sticky: null,
          connectMs,
          responseMs,
          streaming: false,
          websocket: true,
        };
  return {
    id: routeId(claim),
    owners,
    host: { kind: 'exact', name: host },
    path: { kind: pathMatch === 'text' ? 'text' : 'prefix', path },
    action,
    protection,
    allowFrom: null,
    httpsRedirect: false,
    hsts: null,
    cors: null,
    removedHeaders: [],
    bodyLimitBytes: null,
    encodedSlash: 'refuse',
  };
}

/** The original's name of the upstream, and enough more to be the only one: two hosts and paths may share that number. */
function routeId({ namespace, host, path }: Claim): string {
  const rest = createHash('sha256').update(`${host} ${path}`).digest('hex').slice(0, 12);
  return `${namespace}/${upstreamName(host, path)}-${rest}`;
}
