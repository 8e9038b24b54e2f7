import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ServedEdge } from '../../components/compile/edges/verdict.ts';
import { suitesOn } from '../conformance/exceptions.ts';
import type { TraefikDriver } from '../conformance/traefik-driver.ts';
import { judge } from '../conformance/verdict.ts';
import type { World } from '../conformance/worlds.ts';

export interface Conformance {
  readonly edge: ServedEdge;
  readonly start: (world: World) => Promise<TraefikDriver>;
  /** What the edge is given of a world. @default the world as it is */
  readonly own?: (world: World) => World;
}

/**
 * Declares a suite for each world with every vector on it, none left out. `further` may declare more tests of a world;
 * the driver is there once they run.
 */
export function describeConformance(
  { edge, start, own = (world) => world }: Conformance,
  further: (world: World, driver: () => TraefikDriver) => void = () => undefined,
): void {
  describe.each(suitesOn(edge))('$world.name', ({ world, vectors }) => {
    const given = own(world);
    let driver: TraefikDriver;

    beforeAll(async () => {
      driver = await start(given);
      await driver.serve(given);
    });

    afterAll(async () => {
      await driver?.forget(given);
    });

    test.each(vectors)('$id: $says', async (vector) => {
      expect(await judge(driver, vector)).toEqual([]);
    });

    further(world, () => driver);
  });
}
