import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { judge } from '../../policies/judge/judge.ts';
import { kubernetesSubjects } from '../../policies/judge/subject.ts';
import { rules } from '../../policies/rules/all.ts';
import { stacks } from '../../stacks/stacks.ts';
import { judgePods } from '../judges/judges.ts';

/** Our rules that stand for a check of the Pod Security Standards. */
const checks = rules.filter(({ standard }) => standard?.name.startsWith('Pod Security'));

/** The fixtures of the evaluator itself, from its pinned Go module; its newest version of both levels. */
function fixtures(): readonly { readonly file: string; readonly yaml: string }[] {
  const cwd = resolve(__dirname, '../judges/pod-security');
  const answer = execFileSync('go', ['mod', 'download', '-json', 'k8s.io/pod-security-admission'], { cwd });
  const { Dir } = JSON.parse(answer.toString()) as { readonly Dir: string };
  return ['baseline', 'restricted'].flatMap((level) =>
    ['pass', 'fail'].flatMap((kind) => {
      const folder = join(Dir, 'test/testdata', level, 'v1.35', kind);
      return readdirSync(folder).map((name) => ({
        file: `${level}/${kind}/${name}`,
        yaml: readFileSync(join(folder, name), 'utf8'),
      }));
    }),
  );
}

/** Objects of a YAML stream that run pods, each with the checks that refuse it. */
function ourVerdicts(yaml: string): readonly { readonly pod: string; readonly refusedBy: readonly string[] }[] {
  const objects = [parseAllDocuments(yaml)].flat().map((document) => ({ object: document.toJS() as unknown }));
  const judgeables = kubernetesSubjects(objects, { environment: 'fixtures', production: false }).filter(({ subject }) =>
    podKinds.has(subject.kind),
  );
  return judgeables.map((judgeable) => {
    const { violations } = judge([judgeable], { exemptions: [], today: '2026-11-21', rules: checks });
    const { kind, namespace, name } = judgeable.subject;
    const refusedBy = new Set(violations.map(({ rule }) => rule.standard?.id ?? ''));
    return { pod: `${kind} ${namespace}/${name}`, refusedBy: [...refusedBy].toSorted() };
  });
}

const podKinds = new Set(['Pod', 'Deployment', 'DaemonSet', 'StatefulSet', 'ReplicaSet', 'Job', 'CronJob']);

/** The same from the evaluator that the API server uses. */
async function theirVerdicts(yaml: string) {
  return (await judgePods(yaml)).map(({ kind, namespace, name, restricted }) => ({
    pod: `${kind} ${namespace}/${name}`,
    refusedBy: restricted.map(({ check }) => check).toSorted(),
  }));
}

test('there is a rule for each of the 19 checks', () => {
  expect(checks).toHaveLength(19);
});

test('all 148 fixtures of Pod Security are judged as its own evaluator judges them, check by check', async () => {
  const all = fixtures();
  expect(all).toHaveLength(148);
  const stream = all.map(({ yaml }) => yaml).join('\n---\n');
  const theirs = await theirVerdicts(stream);
  expect(theirs).toHaveLength(148);
  expect(new Set(theirs.flatMap(({ refusedBy }) => refusedBy)).size).toBe(19);
  expect(ourVerdicts(stream)).toEqual(theirs);
  for (const { file, yaml } of all) {
    const [verdict] = ourVerdicts(yaml);
    const level = file.startsWith('baseline') ? 'baseline' : 'restricted';
    const own = verdict!.refusedBy.filter((id) => level === 'restricted' || isBaseline(id));
    expect([file, own.length > 0]).toEqual([file, file.includes('/fail/')]);
  }
});

function isBaseline(id: string): boolean {
  return checks.some(({ standard }) => standard?.id === id && standard.name.endsWith('baseline'));
}

describe.each(Object.keys(stacks))('%s', (stack) => {
  test('every pod is judged as the evaluator judges it', async () => {
    const yaml = execFileSync('node', ['cli/edgeplane.cjs', 'render', '--stack', stack], {
      maxBuffer: 1 << 26,
    }).toString();
    const theirs = await theirVerdicts(yaml);
    expect(theirs).not.toEqual([]);
    expect(ourVerdicts(yaml)).toEqual(theirs);
  });
});
