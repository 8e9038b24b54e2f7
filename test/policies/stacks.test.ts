import { beforeAll, expect, test } from 'vitest';
import { compile } from '../../components/compile/compile.ts';
import { annotation } from '../../components/compile/metadata.ts';
import type { KubeObject } from '../../components/compile/output.ts';
import { exemptions } from '../../policies/exemptions.ts';
import type { Exemption } from '../../policies/judge/exemption.ts';
import { judge, type Verdict } from '../../policies/judge/judge.ts';
import { kubernetesSubjects } from '../../policies/judge/subject.ts';
import { rules } from '../../policies/rules/all.ts';
import { facts } from '../../policies/rules/facts.ts';
import { stacks } from '../../stacks/stacks.ts';
import { byPack, today, violationsIn } from './roads.ts';

const names = Object.keys(stacks);
const objects = new Map<string, readonly KubeObject[]>();
const verdicts = new Map<string, Verdict>();

beforeAll(async () => {
  for (const name of names) {
    const { environment, apps } = await stacks[name]!();
    const outcome = compile({ environment, definitions: apps.map((input) => ({ input })), today });
    if (!outcome.ok) throw new Error(`${name} does not compile`);
    const all = outcome.groups.flatMap((group) => group.objects);
    objects.set(name, all);
    verdicts.set(name, judge(subjectsOf(name, all), { rules, exemptions, today }));
  }
});

function subjectsOf(name: string, all: readonly KubeObject[]) {
  const around = { environment: name, production: name === 'production' };
  return kubernetesSubjects(
    all.map((object) => ({ object })),
    around,
  );
}

test.each(names)('%s breaks no rule but what a dated exemption names', (name) => {
  const { violations, undecided, expired } = verdicts.get(name)!;
  const told = [...violations, ...undecided].map(
    ({ rule, at, found }) => `${rule.id} ${at.subject} ${at.path} ${found}`,
  );
  expect({ told, expired }).toEqual({ told: [], expired: [] });
});

test.each(names)('the policy pack finds the same in %s', { timeout: 120_000 }, async (name) => {
  expect(violationsIn(await byPack(objects.get(name)!, name, exemptions))).toEqual([]);
  const without = judge(subjectsOf(name, objects.get(name)!), { rules, exemptions: [], today }).violations;
  const pack = violationsIn(await byPack(objects.get(name)!, name));
  expect(pack.map(({ policy }) => policy).toSorted()).toEqual(without.map(({ rule }) => rule.id).toSorted());
});

test('every exemption is needed by some stack, dated, owned and has a reason', () => {
  const unused = (exemption: Exemption) => names.every((name) => verdicts.get(name)!.unused.includes(exemption));
  expect(exemptions.filter(unused)).toEqual([]);
  for (const { until, owner, reason } of exemptions) {
    expect(until).toMatch(/^20[0-9]{2}-[0-9]{2}-[0-9]{2}$/);
    expect(owner.length * reason.length).toBeGreaterThan(0);
  }
});

test('an exemption that nothing needs is told', () => {
  const unneeded = { rule: 'image-pinned', object: '*/Pod/*/*', reason: 'none', owner: 'tests', until: today };
  expect(judge([], { rules, exemptions: [unneeded], today }).unused).toEqual([unneeded]);
});

test('rules read the annotations that the compiler writes', () => {
  for (const [name, key] of Object.entries(facts)) expect(annotation[name as keyof typeof facts]).toBe(key);
});
