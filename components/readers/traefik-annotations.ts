import type { FoundObject } from './kube-object.ts';
import type { MiddlewareReference } from './traefik-middlewares.ts';

const prefix = 'traefik.ingress.kubernetes.io/router.';

/** What Traefik's annotations on an Ingress say of its routers. */
export interface TraefikAnnotations {
  readonly entryPoints: readonly string[];
  /** `<namespace>-<name>@kubernetescrd`, or an object of another provider. */
  readonly middlewares: readonly string[];
  readonly priority: number | null;
  readonly tls: boolean;
  /** Paths by another matcher than their pathType says: `Path`, `PathRegexp`. */
  readonly pathMatcher: string | null;
  /** Whether there is any. */
  readonly present: boolean;
}

export function readTraefikAnnotations({ annotations }: FoundObject): TraefikAnnotations {
  const text = (name: string) => annotations[`${prefix}${name}`] ?? '';
  const list = (name: string) =>
    text(name)
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '');
  const priority = Number(text('priority'));
  return {
    entryPoints: list('entrypoints'),
    middlewares: list('middlewares'),
    priority: text('priority') === '' || Number.isNaN(priority) ? null : priority,
    tls: text('tls') === 'true' || text('tls.certresolver') !== '',
    pathMatcher: text('pathmatcher') || null,
    present: Object.keys(annotations).some((name) => name.startsWith('traefik.ingress.kubernetes.io/')),
  };
}

/** The reference as routers of Traefik's own objects write it. */
export function middlewareReference(text: string): MiddlewareReference {
  return { namespace: '', name: text };
}
