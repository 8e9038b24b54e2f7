import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { suitesOn } from '../conformance/exceptions.ts';
import { startPods } from '../conformance/pods-driver.ts';
import type { TraefikDriver } from '../conformance/traefik-driver.ts';
import { judge } from '../conformance/verdict.ts';

const cluster = inject('cluster');

describe.each(suitesOn('pods'))('$world.name', ({ world, vectors }) => {
  let driver: TraefikDriver;

  beforeAll(async () => {
    driver = await startPods(cluster, world);
    await driver.serve(world);
  });

  afterAll(async () => {
    await driver.forget(world);
  });

  test.each(vectors)('$id: $says', async (vector) => {
    expect(await judge(driver, vector)).toEqual([]);
  });
});
