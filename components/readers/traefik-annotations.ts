import { type FoundObject, type Note, noteAt } from './kube-object.ts';
import { bearingOf } from './tables/bearing.ts';
import { harmlessTraefikAnnotation, traefikAnnotations } from './tables/traefik-objects.ts';
import type { MiddlewareReference } from './traefik-middlewares.ts';
import type { TlsOptionReference } from './traefik-tls.ts';

const prefix = 'traefik.ingress.kubernetes.io/';

/** What Traefik's annotations on an Ingress say of its routers. */
export interface TraefikAnnotations {
  readonly entryPoints: readonly string[];
  /** `<namespace>-<name>@kubernetescrd`, or an object of another provider. */
  readonly middlewares: readonly string[];
  readonly priority: number | null;
  readonly tls: boolean;
  /** undefined: the default ones. */
  readonly tlsOptions: TlsOptionReference | undefined;
  /** Paths without a type by another matcher than `PathPrefix`: `Path`, `PathRegexp`. */
  readonly pathMatcher: string | null;
  readonly notes: readonly Note[];
}

export function readTraefikAnnotations(object: FoundObject): TraefikAnnotations {
  const { annotations } = object;
  const text = (name: string) => annotations[`${prefix}router.${name}`] ?? '';
  const list = (name: string) =>
    text(name)
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '');
  const priority = Number(text('priority'));
  const options = text('tls.options');
  return {
    entryPoints: list('entrypoints'),
    middlewares: list('middlewares'),
    priority: text('priority') === '' || Number.isNaN(priority) || priority === 0 ? null : priority,
    tls: text('tls') === 'true' || text('tls.certresolver') !== '' || options !== '',
    tlsOptions: options === '' ? undefined : optionsReference(options, object),
    pathMatcher: text('pathmatcher') || null,
    notes: Object.keys(annotations).flatMap((name) => noteOn(object, name)),
  };
}

/** `<namespace>-<name>@kubernetescrd`; namespaces may hold hyphens too, so the object's own is tried first. */
function optionsReference(text: string, { namespace }: FoundObject): TlsOptionReference {
  const joined = text.replace(/@kubernetescrd$/, '');
  const own = `${namespace}-`;
  return joined.startsWith(own) ? { namespace, name: joined.slice(own.length) } : { namespace: '', name: text };
}

function noteOn(object: FoundObject, annotation: string): readonly Note[] {
  if (!annotation.startsWith(prefix)) return [];
  const name = annotation.slice(prefix.length);
  const value = object.annotations[annotation] ?? '';
  const oldSyntax = name === 'router.rulesyntax' && value !== 'v3';
  if (harmlessTraefikAnnotation.test(name)) return [];
  const bearing = bearingOf(traefikAnnotations, name.toLowerCase());
  if (bearing.kind !== 'doubt' && !oldSyntax) return [];
  const why = bearing.kind === 'doubt' ? bearing.why : 'rules of Traefik 2 take other requests';
  const note = {
    code: 'unknown-annotation',
    found: `${annotation}: ${why}`,
    expected: 'annotations that this reader understands',
    fix: 'Find out by hand what it does to these routes.',
  };
  return [noteAt(object, ['metadata', 'annotations', annotation], note, 'doubt')];
}

/** The reference as routers of Traefik's own objects write it. */
export function middlewareReference(text: string): MiddlewareReference {
  return { namespace: '', name: text };
}
