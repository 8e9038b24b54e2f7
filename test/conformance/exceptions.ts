import type { ServedEdge } from '../../components/compile/edges/verdict.ts';
import { catalogExceptions } from './exceptions/catalog.ts';
import { nginxExceptions } from './exceptions/nginx.ts';
import { nginxByTraefikExceptions } from './exceptions/nginx-by-traefik.ts';
import { podsExceptions } from './exceptions/pods.ts';
import type { Exceptions, Vector } from './vector.ts';
import { suites } from './vectors.ts';
import type { World } from './worlds.ts';

/** Of the edges that keep less; an edge with a few has them at its vectors. */
export const exceptions: Partial<Readonly<Record<ServedEdge, Exceptions>>> = {
  catalog: catalogExceptions,
  nginx: nginxExceptions,
  'nginx-by-traefik': nginxByTraefikExceptions,
  pods: podsExceptions,
};

/** Every vector, with what this edge answers where it differs. None is left out. */
export function suitesOn(edge: ServedEdge): readonly { readonly world: World; readonly vectors: readonly Vector[] }[] {
  const own = exceptions[edge] ?? {};
  return suites.map(({ world, vectors }) => ({
    world,
    vectors: vectors.map((vector) => {
      const exception = own[vector.id];
      return exception === undefined ? vector : { ...vector, differs: { ...vector.differs, [edge]: exception } };
    }),
  }));
}
