import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runFolder } from '../../../../controllers/router/nginx/http-block.ts';
import { createQuarantine, mostTests, type Quarantine } from '../../../../controllers/router/nginx/quarantine.ts';
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
    isLate: () => false,
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

/** Routes of as many owners as there are words; nginx refuses every word with `evil`. Rendering is a list of the hosts. */
function wordsWorld(words: readonly string[], isLate = () => false) {
  const counted = { tests: 0 };
  const table: RoutingTable = {
    ...empty,
    routes: words.map((word, index) => {
      const name = `o${index}`.padEnd(6, 'o');
      return route(`${word}.test`, '/', { owners: [{ ...owner, name, uid: name }] });
    }),
  };
  const how = {
    render: (part: RoutingTable) => ({
      ...render(empty, settings, runFolder('/run/router')),
      text: part.routes.map(({ host }) => (host.kind === 'exact' ? host.name : '')).join(' '),
    }),
    test: async ({ text }: { readonly text: string }) => {
      counted.tests += 1;
      return !text.includes('evil');
    },
    isLate,
    log: () => undefined,
  };
  return { table, how, counted };
}

/** The hosts served after each call, until nothing is untested. */
async function rounds(
  quarantine: Quarantine,
  { table, how, counted }: ReturnType<typeof wordsWorld>,
  mostRounds: number,
): Promise<readonly (readonly string[])[]> {
  const served: (readonly string[])[] = [];
  for (;;) {
    const before = counted.tests;
    const { rendered, refused, untested } = await quarantine.renderSound(table, how);
    // Beside the search: the whole, a table without routes, what is served in the end, and one for each kind of group.
    expect(counted.tests - before).toBeLessThanOrEqual(mostTests + 6);
    expect(refused.filter(({ reason }) => reason === 'WaitsForTest')).toHaveLength(untested);
    served.push(rendered.text === '' ? [] : rendered.text.split(' '));
    if (untested === 0) return served;
    expect(served.length).toBeLessThan(mostRounds);
  }
}

test('whatever the number of bad objects, all good ones are served after a bounded number of calls, and none is lost on the way', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 2_000 }),
      fc.uniqueArray(fc.nat(1_999), { maxLength: 500, size: 'max' }),
      fc.nat(2_000),
      async (size, list, old) => {
        const bad = new Set(list);
        const word = (index: number) => `${bad.has(index) ? 'evil' : 'good'}${index}`;
        const quarantine = createQuarantine();
        // The first few were served before, good ones all of them.
        const before = Array.from({ length: size }, (_, index) => (index < old ? `good${index}` : `later${index}`));
        await rounds(quarantine, wordsWorld(before), 1);
        const after = before.map((name, index) => (index < old && index % 3 > 0 ? name : word(index)));
        const kept = after.filter((name, index) => name === before[index]).map((name) => `${name}.test`);
        const served = await rounds(quarantine, wordsWorld(after), Math.ceil((2 * size) / mostTests) + 2);
        for (const round of served) expect(kept.filter((name) => !new Set(round).has(name))).toEqual([]);
        expect(served.at(-1)).toEqual(after.filter((name) => !name.includes('evil')).map((name) => `${name}.test`));
      },
    ),
    { numRuns: 20 },
  );
});

test('when everything is bad, the search comes to an end all the same', async () => {
  const world = wordsWorld(Array.from({ length: 300 }, (_, index) => `evil${index}`));
  expect((await rounds(createQuarantine(), world, 8)).at(-1)).toEqual([]);
});

test('a new good object does not wait until the old bad ones are found', async () => {
  const quarantine = createQuarantine();
  const evil = Array.from({ length: 1_000 }, (_, index) => `evil${index}`);
  const first = wordsWorld(evil);
  expect((await quarantine.renderSound(first.table, first.how)).untested).toBeGreaterThan(0);
  const second = wordsWorld([...evil, 'good']);
  expect((await quarantine.renderSound(second.table, second.how)).rendered.text).toBe('good.test');
});

test('calls that are late from the beginning get through too', async () => {
  const words = Array.from({ length: 20 }, (_, index) => (index % 4 === 0 ? `evil${index}` : `good${index}`));
  const served = await rounds(
    createQuarantine(),
    wordsWorld(words, () => true),
    45,
  );
  expect(served.at(-1)).toHaveLength(15);
});
