import { execFile, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** One thing a judge does not like. */
export interface Finding {
  readonly judge: 'kube-score' | 'checkov';
  /** The judge's own id: `CKV_K8S_11`, `pod-networkpolicy`. */
  readonly check: string;
  /** `stack/Kind/namespace/name`. */
  readonly object: string;
  readonly text: string;
}

/** One line of the Pod Security evaluator: which checks refuse a pod at each level. */
export interface PodVerdict {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly baseline: readonly { readonly check: string; readonly detail: string }[];
  readonly restricted: readonly { readonly check: string; readonly detail: string }[];
}

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'edgeplane', 'judges');

/** Builds one of the Go judges beside this file; the Go build cache makes a second build a matter of a second. */
async function build(name: 'pod-security' | 'kube-score', target: string): Promise<string> {
  mkdirSync(cache, { recursive: true });
  const program = join(cache, name);
  const env = { ...process.env, CGO_ENABLED: '0' };
  await execute('go', ['build', '-trimpath', '-mod=readonly', '-o', program, target], {
    cwd: join(__dirname, name),
    env,
  });
  return program;
}

/** checkov in an environment of its own, at one version. Installed once. */
async function checkov(): Promise<string> {
  const home = join(cache, 'checkov-3.3.30');
  const program = join(home, 'bin', 'checkov');
  const version = await execute(program, ['--version']).then(
    ({ stdout }) => stdout.trim(),
    () => '',
  );
  if (version === '3.3.30') return program;
  const venv = () => execute('python3', ['-m', 'venv', '--clear', home]);
  await venv().catch(async (error: unknown) => {
    if (process.env.CI !== 'true') throw new Error('checkov needs: apt-get install python3-venv', { cause: error });
    await execute('apt-get', ['install', '-y', '--no-install-recommends', 'python3', 'python3-venv']);
    await venv();
  });
  await execute(join(home, 'bin', 'pip'), ['install', '--quiet', 'checkov==3.3.30'], { maxBuffer: 1 << 26 });
  return program;
}

/** Runs a program whose exit code only says whether it found something, and gives what it printed. */
function ask(program: string, args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    let words = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      words += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) =>
      output === '' ? reject(new Error(`${program} (exit ${code}): ${words}`)) : resolve(output),
    );
    child.stdin.end(input);
  });
}

/** What the API server's own Pod Security evaluator says of every pod in a YAML stream. */
export async function judgePods(yaml: string): Promise<readonly PodVerdict[]> {
  const output = await ask(await build('pod-security', '.'), [], yaml);
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as PodVerdict);
}

interface ScoredObject {
  readonly type_meta: { readonly kind: string };
  readonly object_meta: { readonly name: string; readonly namespace?: string };
  readonly checks: readonly {
    readonly check: { readonly id: string };
    readonly grade: number;
    readonly skipped: boolean;
    readonly comments: readonly { readonly path: string; readonly summary: string }[] | null;
  }[];
}

/** Grade 10 is kube-score's «all fine»; everything below is a finding, warnings included. */
export async function judgeByKubeScore(stack: string, yaml: string): Promise<readonly Finding[]> {
  const program = await build('kube-score', 'github.com/zegl/kube-score/cmd/kube-score');
  const scored = JSON.parse(
    await ask(program, ['score', '-', '-o', 'json', '--kubernetes-version', 'v1.36'], yaml),
  ) as readonly ScoredObject[];
  return scored.flatMap((object) =>
    object.checks
      .filter((check) => !check.skipped && check.grade < 10)
      .map((check) => ({
        judge: 'kube-score' as const,
        check: check.check.id,
        object: `${stack}/${object.type_meta.kind}/${object.object_meta.namespace ?? ''}/${object.object_meta.name}`,
        text: (check.comments ?? []).map((comment) => `${comment.path}: ${comment.summary}`).join('; '),
      })),
  );
}

/** checkov over a file; it does not read standard input. */
export async function judgeByCheckov(stack: string, file: string): Promise<readonly Finding[]> {
  const args = ['-f', file, '--framework', 'kubernetes', '--quiet', '--compact', '--skip-download', '-o', 'json'];
  const report = JSON.parse(await ask(await checkov(), args, '')) as {
    readonly results: {
      readonly failed_checks: readonly {
        readonly check_id: string;
        readonly check_name: string;
        readonly resource: string;
      }[];
    };
  };
  return report.results.failed_checks.map(({ check_id, check_name, resource }) => {
    const [kind = '', namespace = '', name = ''] = resource.split('.');
    return {
      judge: 'checkov' as const,
      check: check_id,
      object: `${stack}/${kind}/${namespace}/${name}`,
      text: check_name,
    };
  });
}

/** The folder of cert-manager's CRDs, from its pinned Go module. */
export async function certManagerCrds(): Promise<string> {
  const { stdout } = await execute('go', ['mod', 'download', '-json', 'github.com/cert-manager/cert-manager'], {
    cwd: join(__dirname, 'cert-manager'),
  });
  return join((JSON.parse(stdout) as { readonly Dir: string }).Dir, 'deploy', 'crds');
}
