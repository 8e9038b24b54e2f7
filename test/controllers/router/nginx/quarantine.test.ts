import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runFolder } from '../../../../controllers/router/nginx/http-block.ts';
import { createQuarantine } from '../../../../controllers/router/nginx/quarantine.ts';
import { render } from '../../../../controllers/router/nginx/render.ts';
import type { RoutingTable } from '../../../../controllers/router/routing-table.ts';
import { empty, owner, route, settings } from './tables.ts';

/** One route for each owner; nginx refuses a configuration that names one of the bad hosts. */
function world(owners: number, bad: ReadonlySet<number>, version = 0) {
  const tests: string[] = [];
  const table: RoutingTable = {
    ...empty,
    routes: Array.from({ length: owners }, (_, index) =>
      route(`${bad.has(index) ? 'evil' : 'good'}${index}.test`, '/', {
        owners: [{ ...owner, name: `o${index}`, uid: `${index}` }],
        bodyLimitBytes: version + 1,
      }),
    ),
  };
  const how = {
    render: (part: RoutingTable) => render(part, settings, runFolder('/run/router')),
    test: async ({ text }: { readonly text: string }) => {
      tests.push(text);
      return !text.includes('evil');
    },
    log: () => undefined,
  };
  return { table, how, tests };
}

test('exactly the bad objects are left out, however they stand', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }),
      fc.uniqueArray(fc.nat(39), { maxLength: 4 }),
      async (owners, list) => {
        const bad = new Set(list.filter((index) => index < owners));
        const { table, how } = world(owners, bad);
        const { rendered, refused } = await createQuarantine().renderSound(table, how);
        expect(refused.map(({ owner: { name } }) => name).toSorted()).toEqual(
          [...bad].map((index) => `o${index}`).toSorted(),
        );
        expect(rendered.routes).toBe(owners - bad.size);
      },
    ),
    { numRuns: 50 },
  );
});

test('what was refused is not tried again until it has changed', async () => {
  const quarantine = createQuarantine();
  const first = world(30, new Set([7]));
  await quarantine.renderSound(first.table, first.how);
  const again = world(30, new Set([7]));
  expect((await quarantine.renderSound(again.table, again.how)).refused).toHaveLength(1);
  expect(again.tests).toHaveLength(1);
  const mended = world(30, new Set());
  expect((await quarantine.renderSound(mended.table, mended.how)).refused).toEqual([]);
});

test('one bad object among a thousand takes a few tests', async () => {
  const { table, how, tests } = world(1_000, new Set([617]));
  await createQuarantine().renderSound(table, how);
  expect(tests.length).toBeLessThan(30);
});

test('when nothing passes, the search ends and says so', async () => {
  const { table, how } = world(3, new Set());
  await expect(createQuarantine().renderSound(table, { ...how, test: async () => false })).rejects.toThrow(
    'even a configuration without routes',
  );
});

test('when too much is bad, the search gives up', async () => {
  const { table, how } = world(300, new Set(Array.from({ length: 300 }, (_, index) => index)));
  await expect(createQuarantine().renderSound(table, how)).rejects.toThrow('128 tests');
});
