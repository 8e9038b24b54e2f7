import { existsSync } from 'node:fs';
import { readdir, readFile, readlink, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hierarchies, isUnified } from './cgroups.ts';
import { cacheHome, type HomeFolders, stateHome } from './cluster.ts';
import { attempt } from './command.ts';
import { type KnownCluster, type MachineFacts, requiredPackages } from './preflight.ts';
import { readRecordIn } from './record.ts';

/** Bits of CapEff in /proc/PID/status, from capability.h. */
const neededCapabilities = { CAP_NET_ADMIN: 12, CAP_SYS_CHROOT: 18, CAP_SYS_ADMIN: 21, CAP_MKNOD: 27 } as const;

const textOf = (path: string) => readFile(path, 'utf8').catch(() => '');
const outputOf = (program: string, ...args: readonly string[]) =>
  attempt(program, args).catch(() => ({ exitCode: 127, stdout: '', stderr: `${program} is not installed` }));

async function missingCapabilities(): Promise<readonly string[]> {
  const match = /^CapEff:\s*([0-9a-f]+)/m.exec(await textOf('/proc/self/status'));
  const effective = BigInt(`0x${match?.[1] ?? '0'}`);
  return Object.entries(neededCapabilities)
    .filter(([, bit]) => ((effective >> BigInt(bit)) & 1n) === 0n)
    .map(([name]) => name);
}

/** The nearest folder above that exists tells the free space of one that does not yet. */
async function freeBytes(folder: string): Promise<number> {
  if (!existsSync(folder)) return freeBytes(dirname(folder));
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

async function inotifyHeldBy(pid: string): Promise<number> {
  const fds = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const targets = await Promise.all(fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
  return targets.filter((target) => target === 'anon_inode:inotify').length;
}

/** The limit is one for all of a user's processes; those of other users count here too, which errs to the safe side. */
async function inotifyInstancesFree(): Promise<number> {
  const limit = Number(await textOf('/proc/sys/fs/inotify/max_user_instances'));
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const held = await Promise.all(pids.map(inotifyHeldBy));
  return limit - held.reduce((sum, count) => sum + count, 0);
}

interface IpRow {
  readonly ifname?: string;
  readonly dst?: string;
  readonly addr_info?: readonly { readonly local: string; readonly prefixlen: number }[];
}

async function ipJson(...args: readonly string[]): Promise<readonly IpRow[]> {
  const { stdout } = await outputOf('ip', '-4', '-j', ...args);
  return stdout.trim() === '' ? [] : (JSON.parse(stdout) as readonly IpRow[]);
}

/** Both where a cluster keeps its state and where it runs: either folder may be gone. */
async function knownClusters(env: HomeFolders): Promise<readonly KnownCluster[]> {
  const known = new Map<string, KnownCluster>();
  for (const home of ['/run/edgeplane', stateHome(env)]) {
    for (const name of await readdir(home).catch(() => [])) {
      const record = await readRecordIn(join(home, name));
      if (record) known.set(name, record);
    }
  }
  return [...known.values()];
}

async function controllers(): Promise<readonly string[]> {
  const folders = hierarchies();
  const [root = '/sys/fs/cgroup'] = folders;
  if (isUnified()) return (await textOf(join(root, 'cgroup.controllers'))).trim().split(' ');
  return folders.flatMap((folder) => (folder.split('/').at(-1) ?? '').split(','));
}

const availableMemory = (meminfo: string) => Number(/^MemAvailable:\s*(\d+)/m.exec(meminfo)?.[1] ?? 0) * 1024;

async function linuxFacts(env: HomeFolders) {
  const [routes, addresses, links, iptables] = await Promise.all([
    ipJson('route', 'show', 'table', 'all'),
    ipJson('addr', 'show'),
    ipJson('link', 'show'),
    outputOf('iptables', '-w', '5', '-S'),
  ]);
  const local = addresses.flatMap((row) => row.addr_info ?? []).map((a) => `${a.local}/${a.prefixlen}`);
  return {
    missingCapabilities: await missingCapabilities(),
    inotifyInstancesFree: await inotifyInstancesFree(),
    hasNetworkNamespaces: existsSync('/proc/self/ns/net'),
    ...(iptables.exitCode === 0 ? {} : { iptablesProblem: iptables.stderr.trim() }),
    cgroupControllers: await controllers(),
    links: links.flatMap((row) => row.ifname ?? []),
    networkNamespaces: await readdir('/run/netns').catch(() => []),
    ranges: [...local, ...routes.flatMap((row) => row.dst ?? [])],
    memoryAvailableBytes: availableMemory(await textOf('/proc/meminfo')),
    diskFreeBytes: Math.min(await freeBytes(stateHome(env)), await freeBytes(cacheHome(env))),
    clusters: await knownClusters(env),
  };
}

const nothingKnown = {
  missingCapabilities: [],
  inotifyInstancesFree: 0,
  hasNetworkNamespaces: false,
  cgroupControllers: [],
  links: [],
  networkNamespaces: [],
  ranges: [],
  memoryAvailableBytes: 0,
  diskFreeBytes: 0,
  clusters: [],
};

/** Looks at this machine; changes nothing. */
export async function gatherFacts(env: HomeFolders): Promise<MachineFacts> {
  const missing = Object.entries(requiredPackages).filter(([, file]) => !existsSync(file));
  return {
    platform: process.platform,
    userId: process.getuid?.() ?? -1,
    missingPackages: missing.map(([name]) => name),
    hasAptGet: existsSync('/usr/bin/apt-get'),
    goVersion: (await outputOf('go', 'version')).stdout,
    ...(process.platform === 'linux' ? await linuxFacts(env) : nothingKnown),
  };
}
