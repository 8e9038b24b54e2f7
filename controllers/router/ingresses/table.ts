import { createHash } from 'node:crypto';
import type { IngressOptions } from '../../../components/dialects/nginx.ts';
import type { HostMatch } from '../../../components/model/route-match.ts';
import type { IngressesConfiguration } from '../configuration.ts';
import { type Arbiter, createArbiter, grantProblems, type NamespaceFacts } from '../grants.ts';
import {
  type Certificate,
  mostRoutes,
  type Owner,
  type Rejection,
  type Route,
  type RouteAction,
} from '../routing-table.ts';
import type { Served } from '../served.ts';
import { certificatesOf, hasTls } from './certificates.ts';
import type { UsersFacts } from './credentials.ts';
import { type ClassFacts, type IngressFacts, isOurs } from './ingress.ts';
import { protectionOf } from './protection.ts';
import { type Asked, readRoutes } from './reading.ts';
import { createDirectory, type Directory, type ServiceFacts, type SliceFacts } from './service.ts';
import { type Vouched, vouchedByService, withoutForeignIdentity } from './vouched.ts';

/** Everything the Ingresses source knows, each by `namespace/name` (by name for objects of the whole cluster). */
export interface IngressObjects {
  readonly ingresses: ReadonlyMap<string, IngressFacts>;
  readonly classes: ReadonlyMap<string, ClassFacts>;
  readonly services: ReadonlyMap<string, ServiceFacts>;
  readonly slices: ReadonlyMap<string, SliceFacts>;
  readonly certificates: ReadonlyMap<string, Certificate>;
  readonly users: ReadonlyMap<string, UsersFacts>;
  readonly namespaces: ReadonlyMap<string, NamespaceFacts>;
}

/** The most hosts and paths of one namespace: beyond them its younger Ingresses are refused, and no other namespace pays. */
export const mostRoutesOfNamespace = 4_096;

/** The table of one state of the cluster, whatever came before it. */
export function ingressesTable(objects: IngressObjects, configuration: IngressesConfiguration): Served {
  const directory = createDirectory(objects.services, objects.slices);
  const settlement = settle(oursByAge(objects, configuration.controller), createArbiter(objects.namespaces.values()));
  const { won, rejections } = settlement;
  const guards = { directory, users: (namespace: string, name: string) => objects.users.get(`${namespace}/${name}`) };
  const vouched = vouchedByService(won);
  const built = won.map((asked) => routeOf(asked, { ...guards, certificates: objects.certificates, vouched }));
  const tls = certificatesOf(won, objects.certificates);
  const { defaultCertificate: named } = configuration;
  const key = named === null ? null : `${named.namespace}/${named.name}`;
  return {
    table: {
      routes: built.map(({ route }) => route),
      certificates: tls.certificates,
      defaultCertificate: (key === null ? undefined : objects.certificates.get(key)) ?? null,
      keys: new Map(),
    },
    rejections: gathered([
      ...grantProblems(objects.namespaces.values()),
      ...rejections,
      ...built.flatMap(({ rejection }) => rejection),
      ...tls.rejections,
    ]),
    idle: [],
  };
}

/** Every Ingress of ours, the oldest first: who came first keeps what he has. */
export function oursByAge(
  objects: Pick<IngressObjects, 'ingresses' | 'classes'>,
  controller: string,
): readonly IngressFacts[] {
  return [...objects.ingresses.values()]
    .filter((ingress) => isOurs(ingress, objects.classes, controller))
    .toSorted(
      (a, b) =>
        compareText(a.createdAt, b.createdAt) || compareText(a.namespace, b.namespace) || compareText(a.name, b.name),
    );
}

interface Settlement {
  /** At most one of each host and path. */
  readonly won: readonly Asked[];
  readonly rejections: readonly Rejection[];
}

function settle(ingresses: readonly IngressFacts[], arbiter: Arbiter): Settlement {
  const taken = new Map<string, Asked>();
  const routesOf = new Map<string, number>();
  const rejections: Rejection[] = [];
  for (const ingress of ingresses) {
    const { asked, problems } = readRoutes(ingress);
    const owner = ownerOf(ingress);
    rejections.push(...problems.map((message) => ({ owner, reason: 'InvalidIngress', message })));
    const count = (routesOf.get(ingress.namespace) ?? 0) + asked.length;
    const tooMany = beyondBounds(count, taken.size + asked.length);
    if (tooMany !== null) {
      rejections.push({ owner, reason: 'TooManyRoutes', message: tooMany });
      continue;
    }
    routesOf.set(ingress.namespace, count);
    for (const claim of asked) {
      const refusal = refusalOf(claim, taken, arbiter);
      if (refusal === null) taken.set(claimKey(claim), claim);
      else rejections.push({ owner, ...refusal });
    }
  }
  return { won: [...taken.values()], rejections };
}

function beyondBounds(ofNamespace: number, ofAll: number): string | null {
  if (ofNamespace > mostRoutesOfNamespace)
    return `found ${ofNamespace} routes with this Ingress, expected at most ${mostRoutesOfNamespace} in one namespace`;
  if (ofAll > mostRoutes)
    return `found ${ofAll} routes with this Ingress and all older ones, expected at most ${mostRoutes} in all namespaces`;
  return null;
}

function refusalOf(claim: Asked, taken: ReadonlyMap<string, Asked>, arbiter: Arbiter): Omit<Rejection, 'owner'> | null {
  const host = hostText(claim.host);
  if (claim.host.kind !== 'any' && !arbiter.mayClaim(claim.ingress.namespace, host)) {
    const message = `host ${host}: found it granted to other namespaces, expected a grant to this one`;
    return { reason: 'HostNotGranted', message };
  }
  const other = taken.get(claimKey(claim))?.ingress;
  if (other === undefined) return null;
  const holder =
    other === claim.ingress ? 'an earlier rule of this Ingress' : `the older Ingress ${other.namespace}/${other.name}`;
  const message = `host ${host}, ${claim.path.kind} path ${claim.path.path}: found it claimed by ${holder}, expected one owner`;
  return { reason: 'HostTaken', message };
}

function claimKey({ host, path }: Asked): string {
  return `${hostText(host)} ${path.kind} ${path.path}`;
}

/** A host as people write it; `*` for every one. */
export function hostText(host: HostMatch): string {
  switch (host.kind) {
    case 'any':
      return '*';
    case 'exact':
      return host.name;
    case 'wildcard':
      return `*.${host.suffix}`;
    default:
      return host satisfies never;
  }
}

/** What an Ingress is called in routes and Events. */
export function ownerOf({ namespace, name, uid }: IngressFacts): Owner {
  return { kind: 'Ingress', namespace, name, uid };
}

interface Parts {
  readonly directory: Directory;
  readonly users: (namespace: string, name: string) => UsersFacts | undefined;
  readonly certificates: ReadonlyMap<string, Certificate>;
  readonly vouched: Vouched;
}

function routeOf(asked: Asked, parts: Parts): { readonly route: Route; readonly rejection: readonly Rejection[] } {
  const { ingress, host, path, options } = asked;
  const owner = ownerOf(ingress);
  const rejection: Rejection[] = [];
  const common = { id: routeId(asked), owners: [owner], host, path };
  if (options === null) return { route: { ...common, ...closed, httpsRedirect: hasTls(asked) }, rejection };
  const protection = protectionOf(options.protection, ingress.namespace, parts);
  if (protection.kind === 'broken') rejection.push({ owner, reason: 'ProtectionBroken', message: protection.why });
  const { action, fault } = actionOf(asked, options, parts.directory);
  if (fault !== null) rejection.push({ owner, reason: 'BackendMissing', message: fault });
  const route = {
    ...common,
    action,
    protection,
    allowFrom: options.allowFrom,
    httpsRedirect: hasTls(asked) && options.httpsRedirect !== false,
    hsts: options.hsts,
    cors: options.cors,
    removedHeaders: withoutForeignIdentity(asked, options, parts.vouched),
    bodyLimitBytes: options.bodyLimitBytes,
    encodedSlash: options.encodedSlash,
  };
  return { route, rejection };
}

/** A route that stands and lets nobody through. */
const closed = {
  action: { kind: 'unavailable' },
  protection: { kind: 'broken', why: 'an annotation of the Ingress is not understood' },
  allowFrom: null,
  hsts: null,
  cors: null,
  removedHeaders: [],
  bodyLimitBytes: null,
  encodedSlash: 'refuse',
} as const;

function actionOf(
  { ingress, backend }: Asked,
  options: IngressOptions,
  directory: Directory,
): { readonly action: RouteAction; readonly fault: string | null } {
  if (options.redirect !== null) return { action: { kind: 'redirect', ...options.redirect }, fault: null };
  const found = directory.resolve(ingress.namespace, backend, options.sticky !== null);
  if (!found.ok) return { action: { kind: 'unavailable' }, fault: found.fault };
  return {
    action: {
      kind: 'forward',
      targets: found.targets,
      protocol: options.backendProtocol === 'HTTPS' ? 'https' : 'http',
      rewriteTo: options.rewriteTo,
      sticky: options.sticky,
      connectMs: options.connectMs,
      responseMs: options.responseMs,
      streaming: options.streaming,
      websocket: options.websocket,
    },
    fault: null,
  };
}

/** Long names are told apart by a hash. */
function routeId({ ingress, place }: Asked): string {
  const id = `${ingress.namespace}/${ingress.name}/${place}`;
  return id.length <= 253 ? id : `${id.slice(0, 220)}/${createHash('sha256').update(id).digest('hex').slice(0, 16)}`;
}

/** One rejection of each Ingress and reason, its messages joined: an Event is for an object, not for each of its paths. */
function gathered(rejections: readonly Rejection[]): readonly Rejection[] {
  const groups = new Map<string, { readonly first: Rejection; readonly messages: Set<string> }>();
  for (const rejection of rejections) {
    const key = `${rejection.owner.namespace}/${rejection.owner.name} ${rejection.reason}`;
    const group = groups.get(key) ?? { first: rejection, messages: new Set<string>() };
    group.messages.add(rejection.message);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ first, messages }) => ({ ...first, message: textOf([...messages]) }));
}

/** The most messages that one rejection holds. */
const mostTold = 5;

function textOf(messages: readonly string[]): string {
  const more = messages.length - mostTold;
  return more <= 0 ? messages.join('; ') : `${messages.slice(0, mostTold).join('; ')}; and ${more} more`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
