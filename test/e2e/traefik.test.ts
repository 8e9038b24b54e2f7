import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTraefik, type TraefikDriver } from '../conformance/traefik-driver.ts';
import { suites } from '../conformance/vectors.ts';
import { judge } from '../conformance/verdict.ts';
import { sharedCluster } from './shared-cluster.ts';

const cluster = sharedCluster();

describe.each(suites)('$world.name', ({ world, vectors }) => {
  let driver: TraefikDriver;

  beforeAll(async () => {
    driver = await startTraefik(cluster, world);
    await driver.serve(world);
  });

  afterAll(async () => {
    await driver.forget(world);
  });

  test.each(vectors)('$id: $says', async (vector) => {
    expect(await judge(driver, vector)).toEqual([]);
  });
});
