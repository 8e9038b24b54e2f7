import type { ServedEdge } from '../../components/compile/edges/verdict.ts';
import type { Answer, RawRequest } from './raw-client.ts';
import type { World } from './worlds.ts';

/** What a conformance suite needs of an edge that runs. One for each edge; the vectors know none of them. */
export interface EdgeDriver {
  readonly edge: ServedEdge;
  /** Serves exactly this world beside whatever else is served; returns when its apps are ready, for Traefik when each of its pods serves exactly it. */
  readonly serve: (world: World) => Promise<void>;
  /** Sends bytes as they are to the door clients use. */
  readonly send: (request: RawRequest) => Promise<Answer>;
  /** Takes a world away. */
  readonly forget: (world: World) => Promise<void>;
}
