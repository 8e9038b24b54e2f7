import type { Path } from '../model/path.ts';
import { readHostName } from './host-pattern.ts';
import { type NginxHosts, nginxHosts, nginxRules } from './ingress-by-nginx.ts';
import { ownRules } from './ingress-by-own.ts';
import { traefikRules } from './ingress-by-traefik.ts';
import { classOf, type IngressClass } from './ingress-class.ts';
import type { Claimed, DialectRules } from './ingress-dialect.ts';
import { type KnownObjects, missingServices } from './known-objects.ts';
import { at, type FoundObject, listAt, type Note, noteAt, textAt, textsAt } from './kube-object.ts';
import type { ObjectReading, ReadRoute } from './read-route.ts';
import { harmless, read } from './tables/bearing.ts';
import { fieldDoubts } from './unread-fields.ts';

export function isIngress({ kind, apiVersion }: FoundObject): boolean {
  return kind === 'Ingress' && apiVersion === 'networking.k8s.io/v1';
}

/** What is known of all objects before an Ingress is read. */
export interface IngressWorld {
  readonly known: KnownObjects;
  readonly hosts: NginxHosts;
}

export function ingressWorld(objects: readonly FoundObject[], known: KnownObjects): IngressWorld {
  return { known, hosts: nginxHosts(objects.filter(isIngress), known.classes) };
}

/** The routes of an Ingress, as the controller of its class reads it. */
export function readIngress(object: FoundObject, world: IngressWorld): ObjectReading {
  const ingressClass = classOf(object, world.known.classes);
  const rules = rulesOf(object, ingressClass, world);
  const notes = [...fieldDoubts(object, ['spec'], specFields), ...ruleDoubts(object)];
  const claims = claimsOf(object, rules);
  const routes = claims.map((claimed) => routeOf(object, claimed, ingressClass, rules, world.known, notes));
  return { routes, guards: [], notes: [] };
}

function rulesOf(object: FoundObject, ingressClass: IngressClass, world: IngressWorld): DialectRules {
  switch (ingressClass.dialect) {
    case 'ingress-nginx':
      return nginxRules(object, ingressClass, world.known, world.hosts);
    case 'traefik':
      return traefikRules(object, world.known);
    case 'edgeplane':
      return ownRules(object, world.known);
    case 'unread':
      return unreadRules(ingressClass);
    default:
      return ingressClass.dialect satisfies never;
  }
}

const specFields = { defaultBackend: read, ingressClassName: read, rules: read, tls: read } as const;
const ruleFields = { host: read, http: read } as const;
const pathFields = { backend: read, path: read, pathType: read } as const;
const backendFields = { resource: read, service: read } as const;

function ruleDoubts(object: FoundObject): readonly Note[] {
  return listAt(object.body, 'spec', 'rules').flatMap((rule, index) => {
    const path: Path = ['spec', 'rules', index];
    const entries = listAt(rule, 'http', 'paths').flatMap((_, each) => {
      const place: Path = [...path, 'http', 'paths', each];
      return [...fieldDoubts(object, place, pathFields), ...fieldDoubts(object, [...place, 'backend'], backendFields)];
    });
    return [
      ...fieldDoubts(object, path, ruleFields),
      ...fieldDoubts(object, [...path, 'http'], { paths: harmless }),
      ...entries,
    ];
  });
}

function claimsOf(object: FoundObject, { aliases, fallbackPerHost }: DialectRules): readonly Claimed[] {
  const rules = listAt(object.body, 'spec', 'rules');
  const claims = rules.flatMap((rule, index) => ruleClaims(rule, ['spec', 'rules', index], aliases));
  const backend = at(object.body, 'spec', 'defaultBackend');
  if (backend === undefined) return claims;
  const taken = new Set(claims.filter(({ text }) => text === '/' || text === '').map(({ host }) => host));
  const named = [...new Set(claims.map(({ host }) => host))].filter((host) => !taken.has(host));
  const hosts = fallbackPerHost && rules.length > 0 ? named : [''];
  const path: Path = ['spec', 'defaultBackend'];
  return [...claims, ...hosts.map((host) => ({ host, path, backend, text: '/', type: 'Prefix', fallback: true }))];
}

function ruleClaims(rule: unknown, path: Path, aliases: readonly string[]): readonly Claimed[] {
  const hosts = [textAt(rule, 'host'), ...(textAt(rule, 'host') === '' ? [] : aliases)];
  return hosts.flatMap((host) =>
    listAt(rule, 'http', 'paths').map((entry, index) => ({
      host,
      path: [...path, 'http', 'paths', index],
      backend: at(entry, 'backend'),
      text: textAt(entry, 'path'),
      type: textAt(entry, 'pathType') || 'ImplementationSpecific',
      fallback: false,
    })),
  );
}

function routeOf(
  object: FoundObject,
  claimed: Claimed,
  ingressClass: IngressClass,
  rules: DialectRules,
  known: KnownObjects,
  shared: readonly Note[],
): ReadRoute {
  const tls = tlsOf(object, claimed.host);
  const { path, notes, ...part } = rules.partOf(claimed, tls);
  const { words, services } = backendOf(object, claimed.backend);
  const place = noteAt(object, claimed.path, noText).at;
  return {
    ...part,
    id: `${object.subject} ${place.path}${claimed.host === '' ? '' : ` ${claimed.host}`}`,
    match: { host: readHostName(claimed.host), path, methods: [], headers: [] },
    deepHost: false,
    queries: [],
    source: { kind: object.kind, namespace: object.namespace, name: object.name, subject: object.subject, at: place },
    edge: ingressClass.name,
    backend: part.action.kind === 'redirect' ? '' : words,
    tls,
    challenge: 'taken',
    notes: [...shared, ...notes, ...missingServices(services, known, object, claimed.path)],
  };
}

const noText = { code: '', found: '', expected: '', fix: '' };

function unreadRules({ why }: IngressClass): DialectRules {
  return {
    aliases: [],
    fallbackPerHost: true,
    partOf: ({ text, type }) => ({
      action: { kind: 'forward' },
      allowFrom: null,
      appRoot: null,
      comparison: { kind: 'contract' },
      cors: null,
      dialect: 'unread',
      encodedSlash: 'allow',
      fit: 'same',
      httpsRedirect: false,
      httpsStatus: { get: 308, other: 308 },
      notes: [],
      path: { kind: type === 'Exact' ? 'exact' : 'prefix', path: bare(text) },
      priority: null,
      protection: why === null ? { kind: 'open' } : { kind: 'unknown', why },
      redirectExpressions: [],
      refusesOddPaths: false,
      replacedPath: null,
      rewrite: { kind: 'none' },
      schemes: ['http', 'https'],
      share: false,
      tellsPrefix: false,
      websocket: true,
    }),
  };
}

function bare(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path === '' ? '/' : path;
}

function tlsOf({ body }: FoundObject, host: string): ReadRoute['tls'] {
  const covering = listAt(body, 'spec', 'tls').find((entry) => {
    const hosts = textsAt(entry, 'hosts').map((name) => name.toLowerCase());
    const wildcard = `*.${host.slice(host.indexOf('.') + 1)}`;
    return hosts.length === 0 || hosts.includes(host.toLowerCase()) || hosts.includes(wildcard.toLowerCase());
  });
  if (covering === undefined) return { kind: 'off' };
  const name = textAt(covering, 'secretName');
  return name === '' ? { kind: 'default' } : { kind: 'secret', name };
}

function backendOf({ namespace }: FoundObject, backend: unknown) {
  const service = textAt(backend, 'service', 'name');
  const port = textAt(backend, 'service', 'port', 'number') || textAt(backend, 'service', 'port', 'name');
  if (service === '') {
    const resource = `${textAt(backend, 'resource', 'kind')} ${namespace}/${textAt(backend, 'resource', 'name')}`;
    return { words: resource, services: [] };
  }
  return { words: `${namespace}/${service}:${port}`, services: [`${namespace}/${service}`] };
}
