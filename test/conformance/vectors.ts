import type { Vector } from './vector.ts';
import { attackVectors } from './vectors/attacks.ts';
import { defaultVectors, hostVectors } from './vectors/hosts.ts';
import { pathVectors } from './vectors/paths.ts';
import { protectionVectors } from './vectors/protection.ts';
import { rewriteVectors } from './vectors/rewrites.ts';
import { tlsVectors } from './vectors/tls.ts';
import { trafficVectors } from './vectors/traffic.ts';
import { defaultWorld, mainWorld, type World } from './worlds.ts';

/** Every vector, by the world it is asked in. */
export const suites: readonly { readonly world: World; readonly vectors: readonly Vector[] }[] = [
  {
    world: mainWorld,
    vectors: [
      ...pathVectors,
      ...hostVectors,
      ...rewriteVectors,
      ...tlsVectors,
      ...protectionVectors,
      ...trafficVectors,
      ...attackVectors,
    ],
  },
  { world: defaultWorld, vectors: defaultVectors },
];
