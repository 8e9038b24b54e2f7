import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { startTraefik, type TraefikDriver } from '../conformance/traefik-driver.ts';
import { suites } from '../conformance/vectors.ts';
import { judge } from '../conformance/verdict.ts';

const cluster = inject('cluster');

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
