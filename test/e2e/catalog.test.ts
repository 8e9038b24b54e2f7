import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CatalogDriver, startCatalog } from '../conformance/catalog-driver.ts';
import { suitesOn } from '../conformance/exceptions.ts';
import { judge } from '../conformance/verdict.ts';
import { mainWorld } from '../conformance/worlds.ts';
import { sharedCluster } from './shared-cluster.ts';

const cluster = sharedCluster();

let driver: CatalogDriver;

beforeAll(async () => {
  driver = await startCatalog(cluster, mainWorld);
});

afterAll(async () => {
  await driver?.end();
});

describe.each(suitesOn('catalog'))('$world.name', ({ world, vectors }) => {
  beforeAll(async () => {
    await driver.serve(driver.own(world));
  });

  afterAll(async () => {
    await driver.forget(world);
  });

  test.each(vectors)('$id: $says', async (vector) => {
    expect(await judge(driver, vector)).toEqual([]);
  });
});
