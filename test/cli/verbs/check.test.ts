import { expect, test } from 'vitest';
import { verb } from '../../../cli/verbs/check.ts';
import { stacks } from '../../../stacks/stacks.ts';
import { brokenShop, runVerb, shop } from '../fake-io.ts';

test.each(Object.keys(stacks))('the examples of %s have nothing to mend but what is exempt', async (stack) => {
  const { code, out, words } = await runVerb(verb, [], { stack });
  expect({ code, out }).toEqual({ code: 0, out: '' });
  const lines = words.trimEnd().split('\n');
  expect(lines.pop()).toMatch(new RegExp(`^${stack} on [a-z]+: \\d+ apps, \\d+ routes, nothing to mend$`));
  for (const line of lines) expect(line).toMatch(/^exempt until \d{4}-\d\d-\d\d: [a-z-]+ \(.+\)$/);
});

test('every problem is one line on standard output, with the count on standard error', async () => {
  const { code, out, words } = await runVerb(verb, [], { file: ['shop.yaml'] }, { 'shop.yaml': brokenShop });
  expect(code).toBe(1);
  const lines = out.trimEnd().split('\n');
  expect(lines.length).toBeGreaterThanOrEqual(3);
  for (const line of lines) expect(line).toMatch(/^problem [a-z-]+: shop\.yaml:\d+:\d+: .*found .*, expected .*\. .+/);
  expect(words).toBe(`local on traefik: ${lines.length} problems, no losses\n`);
});

test('JSON holds the same findings with their places', async () => {
  const { out } = await runVerb(verb, [], { file: ['a.yaml'], format: 'json' }, { 'a.yaml': brokenShop });
  const { problems, losses } = JSON.parse(out);
  expect(losses).toEqual([]);
  expect(problems.map((problem: { at: { source: { line: number } } }) => problem.at.source.line)).toContain(13);
});

test('JSON without findings is still a document', async () => {
  const { code, out } = await runVerb(verb, [], { file: ['a.yaml'], format: 'json' }, { 'a.yaml': shop });
  expect(code).toBe(0);
  const none = { problems: [], losses: [], violations: [], notEvaluable: [] };
  expect(JSON.parse(out)).toMatchObject(none);
});

test('SARIF 2.1.0 names file, line and rule of every finding', async () => {
  const { out } = await runVerb(verb, [], { file: ['a b.yaml'], format: 'sarif' }, { 'a b.yaml': brokenShop });
  const log = JSON.parse(out);
  expect(log.version).toBe('2.1.0');
  const [{ tool, results }] = log.runs;
  const rules = tool.driver.rules.map((rule: { id: string }) => rule.id);
  for (const { ruleId, level, message, locations } of results) {
    expect(rules).toContain(ruleId);
    expect(level).toBe('error');
    expect(message.text).toMatch(/^found .*, expected /);
    expect(locations[0].physicalLocation.artifactLocation.uri).toBe('a%20b.yaml');
    expect(locations[0].physicalLocation.region.startLine).toBeGreaterThanOrEqual(1);
  }
  const lines = results.map(
    (result: { locations: { physicalLocation: { region: { startLine: number } } }[] }) =>
      result.locations[0]?.physicalLocation.region.startLine,
  );
  expect(lines).toEqual(expect.arrayContaining([5, 7, 13]));
});

test('definitions from files need none of the overlays that the apps of the stack have', async () => {
  const { code, out } = await runVerb(verb, [], { stack: 'dev', file: ['a.yaml'] }, { 'a.yaml': shop });
  expect({ code, out }).toEqual({ code: 0, out: '' });
});
