import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { suitesOn } from '../conformance/exceptions.ts';
import { onNginx, startNginx } from '../conformance/nginx-driver.ts';
import type { TraefikDriver } from '../conformance/traefik-driver.ts';
import { judge } from '../conformance/verdict.ts';

const cluster = inject('cluster');
const edge = 'nginx-by-traefik';

describe.each(suitesOn(edge))('$world.name', ({ world, vectors }) => {
  const own = onNginx(world, edge);
  let driver: TraefikDriver;

  beforeAll(async () => {
    driver = await startNginx(cluster, world, edge);
    await driver.serve(own);
  });

  afterAll(async () => {
    await driver.forget(own);
  });

  test.each(vectors)('$id: $says', async (vector) => {
    expect(await judge(driver, vector)).toEqual([]);
  });
});
