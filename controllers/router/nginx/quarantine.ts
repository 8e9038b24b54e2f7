import { createHash } from 'node:crypto';
import type { Log } from '../../loop/log.ts';
import type { Owner, Rejection, RoutingTable } from '../routing-table.ts';
import type { Rendered } from './render.ts';
import type { Fault } from './validate.ts';

/** Remembers which objects nginx refused, so that none of them, however many there are, costs the others anything. */
export interface Quarantine {
  /**
   * Renders as much of a table as passes the test: all of it, or all but the objects that keep it from passing. A call
   * makes about `mostTests` tests at most, and few once it is late. Objects that have not been judged by then are left out and counted as
   * `untested`: calling again goes on with them. Objects that were served and have not changed are judged first.
   * @throws when not even a table without routes passes.
   */
  readonly renderSound: (
    table: RoutingTable,
    how: {
      readonly render: (table: RoutingTable) => Rendered;
      readonly test: (rendered: Rendered) => Promise<boolean>;
      /** Whether this call is to come to an end. Even then some objects are judged, so that repeated calls get through. */
      readonly isLate: () => boolean;
      readonly log: Log;
    },
  ) => Promise<Sound>;
}

export interface Sound {
  readonly rendered: Rendered;
  readonly refused: readonly Rejection[];
  /** How many objects are left out only because they have not been tested yet. */
  readonly untested: number;
}

/** A test takes some tens of milliseconds; 10 bad objects among 1,000 take a hundred. */
export const mostTests = 128;

type Wishes = ReadonlyMap<string, { readonly owner: Owner; readonly wish: string }>;

interface Memory {
  /** What an object asked for when it was refused, by object: another wish is tried again. */
  readonly bad: ReadonlyMap<string, string>;
  /** What passed last. */
  readonly passed: { readonly wishes: () => Wishes; readonly out: ReadonlySet<string> };
  /** Groups that the last call did not get to test: halves of what failed as a whole. */
  readonly waiting: readonly Group[];
}

/** Objects that are tested together. */
type Group = readonly string[];

export function createQuarantine(): Quarantine {
  let memory: Memory = { bad: new Map(), passed: { wishes: () => new Map(), out: new Set() }, waiting: [] };
  return {
    renderSound: async (table, { render, test, isLate, log }) => {
      // As a rule nothing is remembered and nothing refused, and then no wishes are computed.
      const wishes = once(() => wishesOf(table));
      const stillBad = [...memory.bad].filter(([owner, wish]) => wishes().get(owner)?.wish === wish);
      const bad = new Map(stillBad);
      const passes = (out: ReadonlySet<string>) => test(render(without(table, out)));
      const whole = render(without(table, new Set(bad.keys())));
      if (await test(whole)) {
        memory = { bad, passed: { wishes, out: new Set(bad.keys()) }, waiting: [] };
        return {
          rendered: whole,
          refused: bad.size === 0 ? [] : refusals(wishes(), bad.keys(), refusedByNginx),
          untested: 0,
        };
      }
      const found = await findBad(groupsOf(wishes(), { ...memory, bad }), [...wishes().keys()], { passes, isLate });
      for (const owner of found.bad) {
        bad.set(owner, wishes().get(owner)?.wish ?? '');
        log('error', 'quarantined', { owner });
      }
      const untested = found.waiting.flat();
      if (untested.length > 0) log('info', 'untested', { objects: untested.length });
      const out = new Set([...bad.keys(), ...untested]);
      memory = { ...memory, bad, waiting: found.waiting };
      // Tested once more: the file beside the served one is then this one.
      const rendered = render(without(table, out));
      if (!(await test(rendered))) throw new Error('nginx refuses what it took a moment ago');
      memory = { ...memory, passed: { wishes, out } };
      const refused = [
        ...refusals(wishes(), bad.keys(), refusedByNginx),
        ...refusals(wishes(), untested, waitsForTest),
      ];
      return { rendered, refused, untested: untested.length };
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/**
 * Finds the objects without which the rest passes, by halves: a group that passes together with what is known to be good
 * joins it, one that does not is split, and a single object that does not is bad. Large groups come before small ones, so
 * that most of what is good joins early. What is left when the tests are used up is `waiting`.
 */
async function findBad(
  { unchanged, changed, others }: ReturnType<typeof groupsOf>,
  all: readonly string[],
  {
    passes,
    isLate,
  }: { readonly passes: (out: ReadonlySet<string>) => Promise<boolean>; readonly isLate: () => boolean },
): Promise<{ readonly bad: readonly string[]; readonly waiting: readonly Group[] }> {
  const out = new Set(all);
  if (!(await passes(out))) throw new Error('nginx refuses even a configuration without routes');
  const bad: string[] = [];
  let tests = 0;
  const search = async (groups: readonly Group[]): Promise<readonly Group[]> => {
    const queue = groups.filter(({ length }) => length > 0);
    const mayGoOn = () => tests < mostTests && !isLate();
    // Each search makes one test at least.
    for (let group = queue.shift(); group !== undefined; group = mayGoOn() ? queue.shift() : undefined) {
      for (const owner of group) out.delete(owner);
      tests += 1;
      if (await passes(out)) continue;
      for (const owner of group) out.add(owner);
      const half = group.length >> 1;
      if (half === 0) bad.push(...group);
      else queue.push(group.slice(0, half), group.slice(half));
    }
    return queue;
  };
  const waiting: Group[] = [];
  // One after the other: what was served does not wait for what is new.
  for (const groups of [[unchanged], [changed], others]) waiting.push(...(await search(groups)));
  return { bad, waiting };
}

/** The objects to judge: those that passed last and ask for the same, those that passed and have changed, and the others. */
function groupsOf(wishes: Wishes, { bad, passed, waiting }: Memory) {
  const before = passed.wishes();
  const rest = new Set([...wishes.keys()].filter((owner) => !bad.has(owner)).toSorted());
  const take = (fits: (owner: string) => boolean): Group => {
    const group = [...rest].filter(fits);
    for (const owner of group) rest.delete(owner);
    return group;
  };
  const served = (owner: string) => before.has(owner) && !passed.out.has(owner);
  const unchanged = take((owner) => served(owner) && before.get(owner)?.wish === wishes.get(owner)?.wish);
  const changed = take(served);
  const left = waiting.map((group) => {
    const members = new Set(group);
    return take((owner) => members.has(owner));
  });
  // What is new comes first: when it is good, a single test says so.
  return { unchanged, changed, others: [[...rest], ...left] };
}

function wishesOf(table: RoutingTable): Wishes {
  const parts = new Map<string, { owner: Owner; texts: string[] }>();
  const add = (owner: Owner, text: string) => {
    const key = keyOfOwner(owner);
    const part = parts.get(key) ?? { owner, texts: [] };
    part.texts.push(text);
    parts.set(key, part);
  };
  for (const route of table.routes) for (const owner of route.owners) add(owner, JSON.stringify(route));
  for (const entry of table.certificates) add(entry.owner, JSON.stringify(entry));
  return new Map(
    [...parts].map(([key, { owner, texts }]) => [key, { owner, wish: digest(texts.toSorted().join('\n')) }]),
  );
}

function without(table: RoutingTable, out: ReadonlySet<string>): RoutingTable {
  if (out.size === 0) return table;
  return {
    ...table,
    routes: table.routes.filter(({ owners }) => !owners.some((owner) => out.has(keyOfOwner(owner)))),
    certificates: table.certificates.filter(({ owner }) => !out.has(keyOfOwner(owner))),
  };
}

const refusedByNginx = {
  reason: 'RefusedByNginx',
  message: 'nginx refuses the configuration with what this object asks for; everything else is served without it',
};

const waitsForTest = {
  reason: 'WaitsForTest',
  message:
    'nginx refuses the configuration because of some objects, and this one has not been tested yet; it is served as soon as it has passed, without any change to it',
};

function refusals(wishes: Wishes, owners: Iterable<string>, why: Fault): readonly Rejection[] {
  return [...owners].toSorted().flatMap((key) => {
    const owner = wishes.get(key)?.owner;
    return owner === undefined ? [] : [{ owner, ...why }];
  });
}

function keyOfOwner({ kind, namespace, name, uid }: Owner): string {
  return `${kind}/${namespace}/${name}/${uid}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
