import { execFile, spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const version = '0.5.8';

/** A directive as NGINX's own parser gives it. */
export interface ParsedDirective {
  readonly directive: string;
  readonly args: readonly string[];
  readonly block?: readonly ParsedDirective[];
}

/** crossplane in an environment of its own, at one version. Installed once. */
async function python(): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const home = join(cache, 'edgeplane', 'judges', `crossplane-${version}`);
  const program = join(home, 'bin', 'python');
  const found = await execute(program, ['-c', 'import crossplane; print(crossplane.__version__)']).then(
    ({ stdout }) => stdout.trim(),
    () => '',
  );
  if (found === version) return program;
  const venv = () => execute('python3', ['-m', 'venv', '--clear', home]);
  await venv().catch(async (error: unknown) => {
    if (process.env.CI !== 'true') throw new Error('crossplane needs: apt-get install python3-venv', { cause: error });
    await execute('apt-get', ['update']);
    await execute('apt-get', ['install', '-y', '--no-install-recommends', 'python3', 'python3-venv']);
    await venv();
  });
  await execute(join(home, 'bin', 'pip'), ['install', '--quiet', `crossplane==${version}`]);
  return program;
}

const script = `
import crossplane, json, sys
for path in sys.stdin.read().splitlines():
    parsed = crossplane.parse(path, single=True, catch_errors=False)
    print(json.dumps(parsed['config'][0]['parsed']))
`;

/** What each file says, in order. @throws when one is refused. */
export async function parseConfigurations(files: readonly string[]): Promise<readonly (readonly ParsedDirective[])[]> {
  const child = spawn(await python(), ['-c', script], { stdio: ['pipe', 'pipe', 'pipe'] });
  let [output, words] = ['', ''];
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    words += chunk;
  });
  child.stdin.end(files.join('\n'));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`crossplane: ${words}`);
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as readonly ParsedDirective[]);
}
