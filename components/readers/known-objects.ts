import type { Path } from '../model/path.ts';
import { type ClassDialect, type KnownClasses, knownClasses } from './ingress-class.ts';
import { type FoundObject, type Note, noteAt } from './kube-object.ts';
import { type Policy, policiesOf } from './policies.ts';
import type { ReadProtection } from './read-route.ts';

/** The objects that others refer to. */
export interface KnownObjects {
  /** Middleware objects by `namespace/name`. */
  readonly middlewares: ReadonlyMap<string, FoundObject>;
  /** TraefikService objects by `namespace/name`. */
  readonly traefikServices: ReadonlyMap<string, FoundObject>;
  /** TLSOption objects by `namespace/name`. */
  readonly tlsOptions: ReadonlyMap<string, FoundObject>;
  /** IngressRoute objects by `namespace/name`. */
  readonly ingressRoutes: ReadonlyMap<string, FoundObject>;
  /** GatewayClass objects by name. */
  readonly gatewayClasses: ReadonlyMap<string, FoundObject>;
  readonly referenceGrants: readonly FoundObject[];
  readonly policies: readonly Policy[];
  readonly classes: KnownClasses;
  /** Gateway objects by `namespace/name`. */
  readonly gateways: ReadonlyMap<string, FoundObject>;
  /** `namespace/name`. */
  readonly services: ReadonlySet<string>;
  /** Nothing exists beside the objects that were given, so a Service that is not among them is missing. */
  readonly complete: boolean;
}

/** What reading depends on beside the objects. */
export interface ReadOptions {
  /** Nothing exists beside the objects, as in a whole cluster: a Service that is not among them is missing. @default false */
  readonly complete?: boolean;
  /** Whose annotations count for a class of Ingresses, by the name of the class. @default none are given */
  readonly classes?: ReadonlyMap<string, ClassDialect>;
}

export function knownObjects(objects: readonly FoundObject[], options: ReadOptions): KnownObjects {
  const ofTraefik = (wanted: string) =>
    objects.filter(({ kind, apiVersion }) => kind === wanted && isTraefik(apiVersion));
  const ofGateway = (wanted: string) =>
    objects.filter(({ kind, apiVersion }) => kind === wanted && apiVersion.startsWith('gateway.networking.k8s.io/'));
  const services = objects.filter(({ kind, apiVersion }) => kind === 'Service' && apiVersion === 'v1');
  const byName = (wanted: readonly FoundObject[]) =>
    new Map(wanted.map((object) => [`${object.namespace}/${object.name}`, object]));
  return {
    middlewares: byName(ofTraefik('Middleware')),
    traefikServices: byName(ofTraefik('TraefikService')),
    tlsOptions: byName(ofTraefik('TLSOption')),
    ingressRoutes: byName(ofTraefik('IngressRoute')),
    gatewayClasses: new Map(ofGateway('GatewayClass').map((object) => [object.name, object])),
    referenceGrants: ofGateway('ReferenceGrant'),
    policies: policiesOf(objects),
    classes: knownClasses(objects, options.classes),
    gateways: byName(objects.filter(isGateway)),
    services: new Set(services.map(({ namespace, name }) => `${namespace}/${name}`)),
    complete: options.complete ?? false,
  };
}

export function isGateway({ kind, apiVersion }: Pick<FoundObject, 'kind' | 'apiVersion'>): boolean {
  return kind === 'Gateway' && apiVersion.startsWith('gateway.networking.k8s.io/');
}

/** Both API groups that Traefik has had. */
export function isTraefik(apiVersion: string): boolean {
  return apiVersion.startsWith('traefik.io/') || apiVersion.startsWith('traefik.containo.us/');
}

/** An error for each Service, `namespace/name`, that is not there. */
export function missingServices(
  names: readonly string[],
  known: KnownObjects,
  object: FoundObject,
  path: readonly (string | number)[],
): readonly Note[] {
  return [...new Set(names)]
    .filter((name) => known.complete && !known.services.has(name))
    .map((name) =>
      noteAt(
        object,
        path,
        {
          code: 'missing-service',
          found: `Service ${name}, which does not exist`,
          expected: 'a Service that exists',
          fix: 'Create it, or take the route away: the edge answers with an error, or another route answers.',
        },
        'error',
      ),
    );
}

/** The Service that a cluster-internal URL names, as `namespace/name`; undefined for any other URL. */
export function serviceOfUrl(url: string): string | undefined {
  const parts = /^https?:\/\/([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.cluster\.local)?(?:[:/?]|$)/.exec(url);
  return parts === null ? undefined : `${parts[2]}/${parts[1]}`;
}

/** An error for a middleware or an auth service that a route names and that is not there. */
export function missingReference(
  object: FoundObject,
  path: readonly (string | number)[],
  name: string,
  consequence: string,
): Note {
  return noteAt(
    object,
    path,
    {
      code: 'missing-reference',
      found: `${name}, which is not among these objects`,
      expected: 'an object that exists',
      fix: `Create it, or read the file that has it too. ${consequence}`,
    },
    'error',
  );
}

/** Whether an auth service is named that does not exist: nobody can pass, or nobody is asked. */
export function missingAuth(
  protection: ReadProtection,
  known: KnownObjects,
  object: FoundObject,
  path: Path,
): readonly Note[] {
  if (protection.kind !== 'forwardAuth') return [];
  const service = serviceOfUrl(protection.url);
  if (service === undefined || known.services.has(service) || !known.complete) return [];
  return [missingReference(object, path, `Service ${service}, the auth service`, 'Nobody can be asked without it.')];
}

/** The API group of Traefik 2, whose rules may name several values. */
export function isTraefik2(apiVersion: string): boolean {
  return apiVersion.startsWith('traefik.containo.us/');
}
