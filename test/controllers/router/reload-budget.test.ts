import { expect, test } from 'vitest';
import { createReloadBudget } from '../../../controllers/router/reload-budget.ts';
import type { Route, RoutingTable } from '../../../controllers/router/routing-table.ts';
import { empty, route } from './nginx/tables.ts';

const timing = { burst: 2, refillMs: 1_000 };

/** One route of each namespace, at a path that says its version. */
const tableOf = (versions: Readonly<Record<string, number>>): RoutingTable => ({
  ...empty,
  routes: Object.entries(versions).map(
    ([namespace, version]): Route => ({
      ...route(`${namespace}.test`, `/v${version}`),
      owners: [{ kind: 'Pod', namespace, name: 'web', uid: namespace }],
    }),
  ),
});

/** Asks at a time and serves what may be served; gives who has to wait. */
function asking() {
  const budget = createReloadBudget(timing);
  return (nowMs: number, versions: Readonly<Record<string, number>>) => {
    const asked = budget.ask(tableOf(versions), nowMs);
    if (asked.postponed.length === 0) asked.served();
    return asked.postponed;
  };
}

test('M8: a namespace that goes on changing waits, once its reloads are used up, until it has one again', () => {
  const ask = asking();
  expect(ask(0, { loud: 0, calm: 0 })).toEqual([]);
  expect(ask(0, { loud: 1, calm: 0 })).toEqual([]);
  expect(ask(0, { loud: 2, calm: 0 })).toEqual([]);
  expect(ask(0, { loud: 3, calm: 0 })).toEqual(['loud']);
  expect(ask(999, { loud: 4, calm: 0 })).toEqual(['loud']);
  expect(ask(1_000, { loud: 4, calm: 0 })).toEqual([]);
});

test('M8: the change of another namespace is served at once, and takes along what waits', () => {
  const ask = asking();
  for (const loud of [0, 1, 2]) ask(0, { loud, calm: 0 });
  expect(ask(0, { loud: 3, calm: 0 })).toEqual(['loud']);
  expect(ask(0, { loud: 3, calm: 1 })).toEqual([]);
  expect(ask(0, { loud: 3, calm: 1 })).toEqual([]);
});

test('a namespace that leaves has changed something', () => {
  const ask = asking();
  for (const loud of [0, 1, 2]) ask(0, { loud, calm: 0 });
  expect(ask(0, { calm: 0 })).toEqual(['loud']);
});

test('what was not served is still a change', () => {
  const budget = createReloadBudget(timing);
  budget.ask(tableOf({ loud: 0 }), 0).served();
  const changes = [1, 2, 3].map((loud) => budget.ask(tableOf({ loud }), 0).postponed);
  expect(changes).toEqual([[], [], ['loud']]);
  expect(budget.ask(tableOf({ loud: 0 }), 0).postponed).toEqual([]);
});
