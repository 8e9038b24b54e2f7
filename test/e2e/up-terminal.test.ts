import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clusterPaths } from '../../local/cluster.ts';
import { createScreen, type Screen } from '../cli/deploy/screen.ts';
import { projectRoot } from './cluster.ts';
import { edgeplane, ownCluster, small } from './edgeplane.ts';
import { eventually, kubectlOf } from './kubectl.ts';
import { sharedCluster } from './shared-cluster.ts';

const { tools } = sharedCluster();
const kubectl = kubectlOf({ tools, paths: clusterPaths(ownCluster, process.env) });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terminal-'));
  await edgeplane('down');
});
afterAll(async () => {
  await edgeplane('down');
  await rm(folder, { recursive: true });
});

/** `edgeplane up` on a terminal of its own: words on the screen, data in a file. */
function upOn(columns: number, rows: number, data: string): { readonly child: ChildProcess; readonly screen: Screen } {
  const screen = createScreen(columns, rows);
  const command = [process.execPath, join(projectRoot, 'cli/edgeplane.cjs'), 'up', '--name', ownCluster, ...small];
  const line = `stty cols ${columns} rows ${rows}; exec ${command.join(' ')} >${data}`;
  const child = spawn('script', ['--quiet', '--return', '--command', line, '/dev/null'], {
    cwd: projectRoot,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdout.setEncoding('utf8').on('data', screen.write);
  return { child, screen };
}

/** What stays is whole: steps with their time, and words; nothing is left of what was drawn over. */
function expectClean(screen: Screen): void {
  expect({ unknown: screen.unknown(), lost: screen.lost() }).toEqual({ unknown: [], lost: 0 });
  const lines = screen.lines();
  expect(lines.filter((line) => line.includes('... ') || line.startsWith('waiting for '))).toEqual([]);
  const steps = lines.filter((line) => /^(?:ok|failed) /.test(line));
  expect(steps.length).toBeGreaterThan(0);
  expect(steps.filter((line) => !/^(?:ok|failed) {2,6}\S.* \([0-9.]+ s\)$/.test(line))).toEqual([]);
}

test('80 columns: the display is redrawn in place, and Ctrl-C in the middle leaves words and no remains', async () => {
  const { child, screen } = upOn(80, 24, join(folder, 'first'));
  const begun = async () => (await kubectl.attempt('-n', 'apps', 'get', 'networkpolicy', '-o', 'name')).stdout;
  await eventually(begun, (names) => names !== '', 400_000);
  child.stdin?.write('\x03');
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(130);
  expect(screen.lines().join('\n')).toContain('the next `edgeplane up` goes on from here');
  expectClean(screen);
  expect(await readFile(join(folder, 'first'), 'utf8')).toBe('');
});

test('40 columns: the next up finishes, nothing it redraws is wider than the terminal', async () => {
  const { child, screen } = upOn(40, 12, join(folder, 'second'));
  const [code] = (await once(child, 'close')) as [number];
  expect({ code, lines: screen.lines() }).toEqual({ code: 0, lines: screen.lines() });
  expectClean(screen);
  expect(await readFile(join(folder, 'second'), 'utf8')).toMatch(/^ADDRESS +HOST +PATH +PROTECTION/);
});
