import type { Edge } from './edge.ts';
import { traefikEdge } from './traefik.ts';

/** The edges there are, by name. */
export const edges: ReadonlyMap<string, Edge> = new Map([[traefikEdge.name, traefikEdge]]);
