import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stacks } from '../../stacks/stacks.ts';
import { covers, type Exemption, exemptions } from '../judges/exemptions.ts';
import { type Finding, judgeByCheckov, judgeByKubeScore, judgePods } from '../judges/judges.ts';

const folder = mkdtempSync(join(tmpdir(), 'edgeplane-judges-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a user gets: the command's own output. */
function render(stack: string): { readonly yaml: string; readonly file: string } {
  const yaml = execFileSync('node', ['cli/edgeplane.cjs', 'render', '--stack', stack], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const file = join(folder, `${stack}.yaml`);
  writeFileSync(file, yaml);
  return { yaml, file };
}

const names = Object.keys(stacks);
const rendered = new Map<string, ReturnType<typeof render>>();
beforeAll(() => {
  for (const name of names) rendered.set(name, render(name));
});

describe.each(names)('%s', (name) => {
  test('every pod passes Pod Security restricted; edge pods with host ports fail exactly hostPorts', async () => {
    const verdicts = await judgePods(rendered.get(name)!.yaml);
    const { environment } = await stacks[name]!();
    const allowed = 'hostPort' in environment.exposure ? ['hostPorts'] : [];
    expect(verdicts.some((verdict) => verdict.kind === 'DaemonSet')).toBe(true);
    for (const verdict of verdicts) {
      const wanted = verdict.name === 'edgeplane-edge' ? allowed : [];
      expect({ pod: verdict.name, refusedBy: verdict.restricted.map((refusal) => refusal.check) }).toEqual({
        pod: verdict.name,
        refusedBy: wanted,
      });
    }
  });
});

/** Exemptions that hold on the day of the run: an expired one exempts nothing. */
function inForce(today: string): readonly Exemption[] {
  return exemptions.filter((exemption) => exemption.until >= today);
}

describe('outside judges', () => {
  const findings: Finding[] = [];
  beforeAll(async () => {
    for (const name of names) {
      const { yaml, file } = rendered.get(name)!;
      findings.push(...(await judgeByKubeScore(name, yaml)), ...(await judgeByCheckov(name, file)));
    }
  });

  test('kube-score and checkov find nothing but what a dated exemption names', () => {
    const active = inForce(new Date().toISOString().slice(0, 10));
    const open = findings.filter((finding) => !active.some((exemption) => covers(exemption, finding)));
    expect(open).toEqual([]);
  });

  test('every exemption is still needed', () => {
    expect(exemptions.filter((exemption) => !findings.some((finding) => covers(exemption, finding)))).toEqual([]);
  });
});
