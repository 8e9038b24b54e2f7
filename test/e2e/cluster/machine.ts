import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hierarchies } from '../../../local/cgroups.ts';
import { attempt } from '../../../local/command.ts';

/** What a machine has of everything that a cluster makes, without what belongs to other clusters and programs. */
export interface MachineSnapshot {
  /** Programs that run which only a cluster starts, by pid. */
  readonly processes: readonly string[];
  readonly namespaces: readonly string[];
  readonly mounts: readonly string[];
  readonly links: readonly string[];
  readonly routes: readonly string[];
  readonly rules: readonly string[];
  readonly cgroups: readonly string[];
  readonly folders: readonly string[];
}

const clusterPrograms = /^(etcd|kube-|kubelet|containerd|haproxy|coredns|pause|runc)/;

const lines = (text: string) => text.split('\n').filter(Boolean).toSorted();

/** Other clusters come and go beside this one, with everything that carries their names. */
const ofAnother = (text: string, cluster: string) =>
  [...text.matchAll(/(?:edgeplane[-/]|\bep-)(\w+)/g)].some((match) => match[1] !== cluster);

async function processes(cluster: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      if (ofAnother(readFileSync(`/proc/${pid}/cgroup`, 'utf8'), cluster)) return [];
      const program = readlinkSync(`/proc/${pid}/exe`).split('/').at(-1) ?? '';
      const start = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];
      return clusterPrograms.test(program) ? [`${pid} ${program} ${start}`] : [];
    } catch {
      return []; // It ended while it was looked at.
    }
  });
}

function folders(root: string, depth: number): readonly string[] {
  const children = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const paths = children.map((entry) => join(root, entry.name));
  return depth <= 1 ? paths : [...paths, ...paths.flatMap((path) => folders(path, depth - 1))];
}

const withoutCounters = (rules: string) =>
  lines(rules.replaceAll(/\[\d+:\d+\]/g, '')).filter((line) => !line.startsWith('#'));

const watchedFolders = (stateHome: string) => [
  stateHome,
  '/run',
  '/run/edgeplane',
  '/var/lib',
  '/var/log',
  '/opt',
  '/etc',
];

/** Looks at the machine, but for what carries the name of another cluster. */
export async function snapshot(cluster: string, stateHome: string): Promise<MachineSnapshot> {
  const output = async (program: string, ...args: readonly string[]) => (await attempt(program, args)).stdout;
  const mountInfo = await readFile('/proc/self/mountinfo', 'utf8');
  const links = await output('ip', '-br', 'link');
  const listed = async (folder: string) => (await readdir(folder).catch(() => [])).map((name) => join(folder, name));
  const own = (texts: readonly string[]) => texts.filter((text) => !ofAnother(text, cluster)).toSorted();
  return {
    processes: await processes(cluster),
    namespaces: own(await readdir('/run/netns').catch(() => [])),
    mounts: own(lines(mountInfo.replaceAll(/^(?:\S+ ){4}(\S+).*$/gm, '$1'))),
    links: own(lines(links.replaceAll(/^([^\s@]+).*$/gm, '$1'))),
    routes: own(lines(await output('ip', 'route', 'show', 'table', 'all'))),
    rules: withoutCounters((await output('iptables-save')) + (await output('ip6tables-save'))),
    cgroups: own(hierarchies().flatMap((hierarchy) => folders(hierarchy, 2))),
    folders: own((await Promise.all(watchedFolders(stateHome).map(listed))).flat()),
  };
}
