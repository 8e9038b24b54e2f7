import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { RenderCost, RenderSide } from './render-side.ts';

/** What `benchRender` is given. */
export interface RenderBenchOptions {
  /** Root of the checkout. */
  readonly root: string;
  /** How often each side is run; sides take turns. @default 5 */
  readonly rounds?: number;
  readonly print: (line: string) => void;
}

const run = promisify(execFile);

interface Peer {
  readonly side: RenderSide;
  readonly name: string;
  /** How many times as long it is to take at 1,000 apps. */
  readonly goal: number | null;
  /** Runs in one process. The first is cold on both sides and judged on neither; a chart per app takes so long that one more is enough. */
  readonly runs: number;
}

const settled = 7;
const peers: readonly Peer[] = [
  { side: 'one-chart', name: 'cdk8s-plus-27, same kinds, one chart', goal: 5, runs: settled },
  { side: 'chart-per-app', name: 'cdk8s-plus-27, same kinds, a chart per app', goal: 30, runs: 2 },
  { side: 'one-chart-three', name: 'cdk8s-plus-27, three kinds only, one chart', goal: null, runs: settled },
  { side: 'chart-per-app-three', name: 'cdk8s-plus-27, three kinds only, a chart per app', goal: null, runs: 2 },
];

/**
 * From definitions to YAML text: each side in a process of its own, taking turns; a ratio is the median over the
 * rounds of this one run. Then 10,000 apps for growth and memory, and how long `edgeplane check` takes from start to
 * end. Returns whether every goal was met.
 */
export async function benchRender({ root, rounds = 5, print }: RenderBenchOptions): Promise<boolean> {
  const ratios = await comparePeers(root, rounds, print);
  const growth = await measureGrowth(root, rounds, print);
  const check = await measureCheck(root, rounds, print);
  return [...ratios, ...growth, check].every((met) => met);
}

async function comparePeers(root: string, rounds: number, print: (line: string) => void): Promise<readonly boolean[]> {
  const ours: RenderCost[] = [];
  const theirs = new Map<RenderSide, RenderCost[]>(peers.map(({ side }) => [side, []]));
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await cost(root, 'edgeplane', 1000, settled));
    for (const { side, runs } of peers) theirs.get(side)?.push(await cost(root, side, 1000, runs));
  }
  print('Emitted for each app by edgeplane and by "same kinds": Deployment, Service, ServiceAccount, NetworkPolicy,');
  print(
    'PodDisruptionBudget, ServersTransport and three IngressRoutes. "Three kinds": Deployment, Service, IngressRoute.',
  );
  print(describe('edgeplane, 1,000 apps', ours));
  return peers.map(({ side, name, goal }) => {
    const costs = theirs.get(side) ?? [];
    const ratioOf = (time: 'firstMs' | 'ms') =>
      median(costs.map((each, round) => each[time] / (ours[round]?.[time] ?? Number.NaN)));
    const [first, all] = [ratioOf('firstMs'), ratioOf('ms')];
    const wanted = goal === null ? '' : `, goal ${goal}`;
    print(`${describe(name, costs)}: ${first.toFixed(1)} times as long at first, ${all.toFixed(1)} settled${wanted}`);
    return goal === null || all >= goal;
  });
}

async function measureGrowth(root: string, rounds: number, print: (line: string) => void): Promise<readonly boolean[]> {
  const small: RenderCost[] = [];
  const large: RenderCost[] = [];
  for (let round = 0; round < Math.min(rounds, 3); round += 1) {
    small.push(await cost(root, 'edgeplane', 5000, 1));
    large.push(await cost(root, 'edgeplane', 10_000, 1));
  }
  const growth = median(large.map(({ ms }, round) => ms / (small[round]?.ms ?? Number.NaN)));
  const peak = Math.max(...large.map(({ peakMiB }) => peakMiB));
  print(`${describe('edgeplane, 10,000 apps', large)}: ${growth.toFixed(2)} times 5,000 apps, goal below 2.4`);
  print(`edgeplane, 10,000 apps: ${peak.toFixed(0)} MiB at most, goal below 512`);
  return [growth < 2.4, peak < 512];
}

async function measureCheck(root: string, rounds: number, print: (line: string) => void): Promise<boolean> {
  const entry = path.join(root, 'cli/edgeplane.cjs');
  const times: number[] = [];
  for (let round = 0; round < 2 * rounds; round += 1) {
    const start = performance.now();
    await run(process.execPath, [entry, 'check', '--stack', round % 2 === 0 ? 'production' : 'dev'], { cwd: root });
    times.push(performance.now() - start);
  }
  print(`edgeplane check of an example: ${median(times).toFixed(0)} ms from start to end, goal below 700`);
  return median(times) < 700;
}

async function cost(root: string, side: RenderSide, apps: number, runs: number): Promise<RenderCost> {
  const args = ['--require', 'tsx', path.join(root, 'bench/render-side.ts'), side, String(apps), String(runs)];
  const { stdout } = await run(process.execPath, args, { cwd: root });
  return JSON.parse(stdout) as RenderCost;
}

function describe(name: string, costs: readonly RenderCost[]): string {
  const objects = costs[0]?.objects.toLocaleString('en') ?? '0';
  const first = median(costs.map(({ firstMs }) => firstMs)).toFixed(0);
  const mebibytes = ((costs[0]?.bytes ?? 0) / 2 ** 20).toFixed(1);
  const settledMs = median(costs.map(({ ms }) => ms)).toFixed(0);
  return `${name}: ${first} ms at first, ${settledMs} ms settled, ${objects} objects, ${mebibytes} MiB of YAML`;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
