import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { rules } from '../../policies/rules/all.ts';
import type { Rule } from '../../policies/rules/rule.ts';

const file = resolve(__dirname, '../../docs/policies.md');

test('the document lists every rule as the rule says it', async () => {
  const [written = ''] = readFileSync(file, 'utf8').split(/(?<=^<!-- rules: .*-->\n)/m);
  expect(written).toMatch(/^<!-- rules: .*-->\n$/m);
  await expect(`${written}\n${generated()}`).toMatchFileSnapshot(file);
});

function generated(): string {
  const ours = rules.filter(({ standard }) => standard === null);
  const standards = [...new Set(rules.flatMap(({ standard }) => (standard === null ? [] : [family(standard.name)])))];
  return [
    '### Ours\n',
    ...ours.map(ownSection),
    ...standards.map((name) =>
      standardSection(
        name,
        rules.filter(({ standard }) => standard?.name.startsWith(name)),
      ),
    ),
  ].join('\n');
}

function family(standard: string): string {
  return standard.replace(/ (baseline|restricted)$/, '');
}

function ownSection({ id, title, reason, expected, fix, severity }: Rule): string {
  return `#### ${id}\n\n${title}. ${reason}\n\n- Severity: ${severity}\n- Expected: ${expected}\n- Fix: ${fix}\n`;
}

function standardSection(name: string, of: readonly Rule[]): string {
  const rows = of.map(({ id, title, standard, severity }) => {
    const level = standard!.name.slice(name.length).trim();
    return `| \`${id}\` | ${standard!.id}${level === '' ? '' : ` (${level})`} | ${severity} | ${title} |`;
  });
  const link = of[0]!.link.replace(/#.*/, '');
  return `### ${name}\n\n${link}\n\n| Rule | Check | Severity | What must hold |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}
