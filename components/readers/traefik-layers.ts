import type { KnownObjects } from './known-objects.ts';
import { type FoundObject, listAt, type Note, noteAt, textAt } from './kube-object.ts';
import { type MiddlewareReference, referencesOf } from './traefik-middlewares.ts';

/** What stands above the routes of an IngressRoute: those of its parent, by which requests come first. */
export interface Layer {
  /** The rule of the parent; null: there is none. */
  readonly rule: string | null;
  readonly references: readonly MiddlewareReference[];
  readonly priority: number | null;
  /** The parent, whose entry points and TLS hold. */
  readonly door: FoundObject | null;
  readonly notes: readonly Note[];
}

const noLayer: Layer = { rule: null, references: [], priority: null, door: null, notes: [] };

/** The layers above an IngressRoute: one without `parentRefs` has one that asks for nothing. Source: Traefik 3.6, multi-layer routing. */
export function layersOf(object: FoundObject, known: KnownObjects): readonly Layer[] {
  const parents = listAt(object.body, 'spec', 'parentRefs');
  if (parents.length === 0) return [noLayer];
  return parents.flatMap((parent) => {
    const namespace = textAt(parent, 'namespace') || object.namespace;
    const id = `${namespace}/${textAt(parent, 'name')}`;
    const found = known.ingressRoutes.get(id);
    if (found === undefined)
      return [{ ...noLayer, notes: [doubtful(object, `${id}, which is not among these objects`)] }];
    return listAt(found.body, 'spec', 'routes').map((route) => layerOf(object, found, route));
  });
}

function layerOf(object: FoundObject, parent: FoundObject, route: unknown): Layer {
  const nested = listAt(parent.body, 'spec', 'parentRefs').length > 0;
  const outside = parent.namespace !== object.namespace;
  return {
    rule: textAt(route, 'match'),
    references: referencesOf(listAt(route, 'middlewares'), parent.namespace),
    priority: priorityOf(route),
    door: parent,
    notes:
      nested || outside
        ? [
            doubtful(
              object,
              `${parent.namespace}/${parent.name}, ${nested ? 'which has parents itself' : 'of another namespace'}`,
            ),
          ]
        : [],
  };
}

/** The priority of an entry of `spec.routes`: without a number it counts as much as its rule is long. */
export function priorityOf(route: unknown): number {
  const written = Number(textAt(route, 'priority'));
  return written === 0 ? textAt(route, 'match').length : written;
}

function doubtful(object: FoundObject, parent: string): Note {
  const text = {
    code: 'unread-parent',
    found: `the parent IngressRoute ${parent}`,
    expected: 'a parent of this namespace that has none itself',
    fix: 'Find out by hand which requests reach this route, and who is asked.',
  };
  return noteAt(object, ['spec', 'parentRefs'], text, 'doubt');
}
