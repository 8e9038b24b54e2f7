import { createHash } from 'node:crypto';
import type { Log } from '../../loop/log.ts';
import type { Owner, Rejection, RoutingTable } from '../routing-table.ts';
import type { Rendered } from './render.ts';

/** Remembers which objects nginx refused, so that one of them costs the others nothing. */
export interface Quarantine {
  /**
   * Renders as much of a table as passes the test: all of it, or all but the objects that alone keep it from passing.
   * @throws when not even a table without routes passes, or more than `mostTests` would be needed.
   */
  readonly renderSound: (
    table: RoutingTable,
    how: {
      readonly render: (table: RoutingTable) => Rendered;
      readonly test: (rendered: Rendered) => Promise<boolean>;
      readonly log: Log;
    },
  ) => Promise<{ readonly rendered: Rendered; readonly refused: readonly Rejection[] }>;
}

/** A test takes some tens of milliseconds; 10 bad objects among 1,000 take a hundred. */
const mostTests = 128;

export function createQuarantine(): Quarantine {
  /** What an object asked for when it was refused, by object: another wish is tried again. */
  let known: ReadonlyMap<string, string> = new Map();
  return {
    renderSound: async (table, { render, test, log }) => {
      // Nothing is remembered and nothing refused as a rule: then nobody's wishes are looked at.
      const wishes = once(() => wishesOf(table));
      if (known.size > 0) known = new Map([...known].filter(([owner, wish]) => wishes().get(owner)?.wish === wish));
      const told = (rendered: Rendered) => {
        const refused = [...known.keys()].toSorted().flatMap((owner) => refusal(wishes().get(owner)?.owner));
        return { rendered, refused };
      };
      const whole = render(without(table, new Set(known.keys())));
      if (await test(whole)) return told(whole);
      let tests = 1;
      const passes = async (out: ReadonlySet<string>) => {
        tests += 1;
        if (tests > mostTests)
          throw new Error(`nginx refuses the configuration, and ${mostTests} tests did not tell why`);
        return test(render(without(table, out)));
      };
      const bad = await findBad([...wishes().keys()].toSorted(), passes);
      known = new Map(bad.map((owner) => [owner, wishes().get(owner)?.wish ?? '']));
      for (const owner of bad) log('error', 'quarantined', { owner });
      // Tested once more: the file beside the served one is then this one.
      const rendered = render(without(table, new Set(bad)));
      if (!(await test(rendered))) throw new Error('nginx refuses what it took a moment ago');
      return told(rendered);
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

/** The objects without which the rest passes, found by halves: each joins what is known to be good, or is bad itself. */
async function findBad(
  owners: readonly string[],
  passes: (out: ReadonlySet<string>) => Promise<boolean>,
): Promise<readonly string[]> {
  const out = new Set(owners);
  if (!(await passes(out))) throw new Error('nginx refuses even a configuration without routes');
  const bad: string[] = [];
  const join = async (part: readonly string[]): Promise<void> => {
    for (const owner of part) out.delete(owner);
    if (part.length === 0 || (await passes(out))) return;
    for (const owner of part) out.add(owner);
    if (part.length === 1) {
      bad.push(...part);
      return;
    }
    await join(part.slice(0, part.length >> 1));
    await join(part.slice(part.length >> 1));
  };
  await join(owners);
  return bad;
}

function wishesOf(table: RoutingTable): ReadonlyMap<string, { readonly owner: Owner; readonly wish: string }> {
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

function refusal(owner: Owner | undefined): readonly Rejection[] {
  const message =
    'nginx refuses the configuration with what this object asks for; everything else is served without it';
  return owner === undefined ? [] : [{ owner, reason: 'RefusedByNginx', message }];
}

function keyOfOwner({ kind, namespace, name, uid }: Owner): string {
  return `${kind}/${namespace}/${name}/${uid}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
