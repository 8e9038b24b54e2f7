import { describe, expect, test } from 'vitest';
import type { Exemption } from '../../policies/judge/exemption.ts';
import { rules } from '../../policies/rules/all.ts';
import { corpus } from './corpus.ts';
import { byPack, byYaml, today, violationsIn } from './roads.ts';

test('every rule has an id of its own, a reason, a fix and a case that it judges', () => {
  const ids = rules.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id, title, reason, fix, expected } of rules) {
    expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    for (const words of [title, reason, fix, expected]) expect(words.length).toBeGreaterThan(3);
  }
  expect(new Set(corpus.map(({ rule }) => rule))).toEqual(new Set(ids));
});

describe.each(corpus.map((each, index) => [each.rule, index, each] as const))('%s (%i)', (id, _, each) => {
  const { pass, fail, found, stack = 'staging' } = each;
  const only = (policy: string) => policy === id;
  const of = (verdict: ReturnType<typeof byYaml>) => verdict.violations.filter(({ rule }) => rule.id === id);

  test('what keeps the rule passes on both roads', async () => {
    expect(of(byYaml(pass, stack))).toEqual([]);
    expect(await byPack(pass, stack, [], only)).toEqual([]);
  });

  test('what breaks it is found, and says what stands there', () => {
    const violations = of(byYaml(fail, stack));
    expect(violations.map((violation) => violation.found).join('\n')).toContain(found);
  });

  test('the pack and YAML say the same of all rules', async () => {
    for (const written of [pass, fail]) {
      const yaml = byYaml(written, stack).violations.map(
        ({ rule, at, found: words }) => `${rule.id} ${at.subject} ${at.path} ${words}`,
      );
      const pack = violationsIn(await byPack(written, stack)).map(({ policy, message }) => {
        const [, subject = '', path = '', words = ''] =
          /^[^:]+: (.*?)(?:, ([^ ]+))?: found (.*), expected /s.exec(message) ?? [];
        return `${policy} ${subject} ${path} ${words}`;
      });
      expect(pack.toSorted()).toEqual(yaml.toSorted());
    }
  });

  test('an exemption in force covers it on both roads; one that is over does not, and is a problem itself', async () => {
    const objects = of(byYaml(fail, stack)).map(({ judgeable }) => judgeable);
    const exempt = (until: string): readonly Exemption[] =>
      objects.map(({ subject, environment }) => ({
        rule: id,
        object: [environment, subject.kind, subject.namespace, subject.name].join('/'),
        reason: 'a test',
        owner: 'tests',
        until,
      }));
    const inForce = byYaml(fail, stack, exempt(today));
    expect(of(inForce)).toEqual([]);
    expect(inForce.exempted.length).toBe(objects.length);
    expect(await byPack(fail, stack, exempt(today), only)).toEqual([]);
    const over = byYaml(fail, stack, exempt('2026-11-20'));
    expect(of(over)).toHaveLength(objects.length);
    expect(over.expired.map(({ code }) => code)).toContain('exemption-expired');
    expect(await byPack(fail, stack, exempt('2026-11-20'), only)).not.toEqual([]);
  });
});
