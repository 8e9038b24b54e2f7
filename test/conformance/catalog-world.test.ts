import { expect, test } from 'vitest';
import { catalogVerdicts } from '../../components/compile/edges/catalog/verdicts.ts';
import { onCatalog } from './catalog-world.ts';
import { catalogExceptions } from './exceptions/catalog.ts';
import { lossesOf } from './traefik-driver.ts';
import { suites } from './vectors.ts';
import type { World } from './worlds.ts';

const consul = 'consul.example.org:8500';

function lossNames({ environment, ...world }: World): readonly string[] {
  const losses = lossesOf({ ...world, environment: { ...environment, acceptedLosses: [] } });
  return [...new Set(losses.map(({ name }) => name))].toSorted();
}

test('routes on a Service of somebody else are a loss of the internal edge, so vectors are asked on apps', () => {
  for (const { world } of suites) {
    const { environment } = onCatalog(world, consul);
    const asWritten = lossNames({ ...world, environment });
    expect(asWritten).toContain('catalog/service-routes');
    expect(lossNames(onCatalog(world, consul))).toEqual(asWritten.filter((name) => name !== 'catalog/service-routes'));
  }
});

test('a world loses on the internal edge what an exception says, and what no vector asks for', () => {
  const told = Object.values(catalogExceptions).map(({ capability }) => capability);
  // A share of requests and a seat at one pod are seen in many requests alone.
  const seenInMany = ['sticky', 'weights'];
  const expected = [...new Set([...told, ...seenInMany])].map((name) => `catalog/${name}`).toSorted();
  expect([...new Set(suites.flatMap(({ world }) => lossNames(onCatalog(world, consul))))].toSorted()).toEqual(expected);
  expect(told.filter((name) => catalogVerdicts[name]?.verdict !== 'loss')).toEqual([]);
});
