import { catalogEdge } from './catalog.ts';
import type { Edge } from './edge.ts';
import { nginxEdge } from './nginx.ts';
import { podsEdge } from './pods.ts';
import { traefikEdge } from './traefik.ts';

/** The edges there are, by name. */
export const edges: ReadonlyMap<string, Edge> = new Map(
  [traefikEdge, nginxEdge, podsEdge, catalogEdge].map((edge) => [edge.name, edge]),
);
