import { type FoundObject, type Note, noteAt } from './kube-object.ts';
import type { Middlewares } from './traefik-middlewares.ts';

/** The objects that others refer to. */
export interface KnownObjects {
  readonly middlewares: Middlewares;
  /** TraefikService objects by `namespace/name`. */
  readonly traefikServices: ReadonlyMap<string, FoundObject>;
  /** Gateway objects by `namespace/name`. */
  readonly gateways: ReadonlyMap<string, FoundObject>;
  /** `namespace/name`. */
  readonly services: ReadonlySet<string>;
  /** Nothing exists beside the objects that were given, so a Service that is not among them is missing. */
  readonly complete: boolean;
}

export function knownObjects(objects: readonly FoundObject[], complete: boolean): KnownObjects {
  const middlewares = objects.filter(({ kind, apiVersion }) => kind === 'Middleware' && isTraefik(apiVersion));
  const services = objects.filter(({ kind, apiVersion }) => kind === 'Service' && apiVersion === 'v1');
  const byName = (wanted: readonly FoundObject[]) =>
    new Map(wanted.map((object) => [`${object.namespace}/${object.name}`, object]));
  return {
    middlewares: byName(middlewares),
    traefikServices: byName(
      objects.filter(({ kind, apiVersion }) => kind === 'TraefikService' && isTraefik(apiVersion)),
    ),
    gateways: byName(objects.filter(isGateway)),
    services: new Set(services.map(({ namespace, name }) => `${namespace}/${name}`)),
    complete,
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
