import { expect, test } from 'vitest';
import { diskNeededBytes, judge, type MachineFacts, memoryNeededBytes } from '../../local/preflight.ts';
import { addressPlans, defaultShape, shapeOf } from '../../local/topology.ts';

const state = '/home/a/.local/state/edgeplane/local';
const good: MachineFacts = {
  platform: 'linux',
  userId: 0,
  missingCapabilities: [],
  missingPackages: [],
  hasAptGet: true,
  goVersion: 'go version go1.26.8 linux/amd64',
  memoryAvailableBytes: memoryNeededBytes,
  diskFreeBytes: diskNeededBytes,
  inotifyInstancesFree: 44,
  hasNetworkNamespaces: true,
  cgroupControllers: ['cpu', 'cpuset', 'memory', 'pids'],
  links: ['lo', 'eth0'],
  networkNamespaces: [],
  ranges: ['192.0.2.2/24', 'default'],
  clusters: [],
};
const problemsOf = (facts: Partial<MachineFacts>, shape = defaultShape) => {
  const result = judge({ ...good, ...facts }, shape, state);
  return result.ok ? [] : result.problems;
};
const [first, second] = addressPlans;
const own = { shape: defaultShape, plan: addressPlans[5]!, state };

test('a machine that has just enough takes the first addresses', () => {
  expect(judge(good, defaultShape, state)).toEqual({ ok: true, plan: first });
});

test.each<[string, Partial<MachineFacts>, string]>([
  ['another system', { platform: 'darwin' }, 'system: found darwin, the embedded cluster needs Linux'],
  ['not root', { userId: 1000 }, 'user: found uid 1000, expected root; run it with sudo'],
  ['an unprivileged container', { missingCapabilities: ['CAP_SYS_ADMIN'] }, 'user: root without CAP_SYS_ADMIN'],
  ['no Go', { goVersion: '' }, 'Go: no Go found in PATH; Go 1.26 or newer is needed'],
  ['an old Go', { goVersion: 'go version go1.25.1 linux/amd64' }, 'Go: found go1.25.1; Go 1.26 or newer is needed'],
  ['little memory', { memoryAvailableBytes: memoryNeededBytes - 1 }, 'memory: found 4.0 GiB free, at least 4.0 GiB'],
  ['little disk', { diskFreeBytes: 1 << 30 }, 'disk: found 1.0 GiB free, at least 6.0 GiB is needed'],
  ['few inotify instances', { inotifyInstancesFree: 43 }, 'run: sysctl -w fs.inotify.max_user_instances=1024'],
  ['no namespaces', { hasNetworkNamespaces: false }, 'kernel: no network namespaces (CONFIG_NET_NS)'],
  ['no iptables', { iptablesProblem: 'no nat table' }, 'kernel: iptables does not work: no nat table'],
  ['no memory controller', { cgroupControllers: ['cpu', 'cpuset', 'pids'] }, 'cgroups: controllers memory are not'],
  ['a link of our name', { links: ['ep-local'] }, 'link ep-local: there is one of this name that no cluster recorded'],
  [
    'a namespace of our name',
    { networkNamespaces: ['edgeplane-local-edge-1'] },
    'namespaces edgeplane-local-edge-1: no',
  ],
])('%s is said before anything starts', (_what, facts, words) => {
  expect(problemsOf(facts)).toEqual([expect.stringContaining(words)]);
});

test('everything that is wrong is said at once', () => {
  expect(
    problemsOf({
      userId: 1000,
      missingPackages: ['runc'],
      goVersion: '',
      memoryAvailableBytes: 0,
      diskFreeBytes: 0,
      inotifyInstancesFree: 0,
      hasNetworkNamespaces: false,
      cgroupControllers: [],
      links: ['ep-local'],
    }),
  ).toHaveLength(9);
});

test('missing packages are mended by one command, in a stable order', () => {
  expect(problemsOf({ missingPackages: ['runc', 'containerd'] })).toEqual([
    'Debian packages are missing; run: apt-get install -y --no-install-recommends containerd runc',
  ]);
});

test.each<[string, Partial<MachineFacts>, readonly string[]]>([
  ['root with apt-get', {}, ['iptables', 'runc']],
  ['an iptables that fails because it is not there', { iptablesProblem: 'ENOENT' }, ['iptables', 'runc']],
  ['another user', { userId: 1000 }, []],
  ['no apt-get', { hasAptGet: false }, []],
  ['no Go', { goVersion: '' }, []],
  ['no network namespaces', { hasNetworkNamespaces: false }, []],
])('packages are installed only where nothing else is in the way: %s', (_what, facts, expected) => {
  const result = judge({ ...good, missingPackages: ['iptables', 'runc'], ...facts }, defaultShape, state);
  expect(result.ok ? undefined : result.installable).toEqual(expected);
});

test('a failed iptables is not a second problem when its package is missing', () => {
  expect(problemsOf({ missingPackages: ['iptables'], iptablesProblem: 'ENOENT' })).toHaveLength(1);
});

test.each([
  ['an address within it', ['10.201.77.1/24']],
  ['a route that contains it', ['10.200.0.0/14', '10.220.0.0/15', '10.240.0.0/15']],
  ['a pod range in use', ['10.221.0.0/24']],
  ['a Service range in use', ['10.241.255.255']],
])('%s moves the cluster to the next addresses that are free, and says so', (_what, ranges) => {
  const result = judge({ ...good, ranges }, defaultShape, state);
  expect(result).toMatchObject({ ok: true, note: expect.stringContaining('is in use here') });
  const free = addressPlans.find((plan) => result.ok && plan === result.plan);
  expect(free).toBeDefined();
  expect(free).not.toBe(first);
});

test('the next addresses are tried in order, and those of another cluster are not taken', () => {
  const other = { shape: shapeOf('other', 1, 1), plan: first!, state: '/elsewhere' };
  expect(judge({ ...good, clusters: [other] }, defaultShape, state)).toMatchObject({ ok: true, plan: second });
});

test('no free addresses at all is a problem that names those tried', () => {
  expect(problemsOf({ ranges: ['10.0.0.0/8'] })).toEqual([
    expect.stringMatching(/every range the cluster could take is in use here: 10\.201\.0\.0\/16, .*10\.208\.0\.0\/16/),
  ]);
});

test('a cluster that was begun keeps its addresses, and what it uses itself is not held against it', () => {
  const facts = {
    ...good,
    clusters: [own],
    links: ['ep-local'],
    ranges: ['10.0.0.0/8'],
    memoryAvailableBytes: 0,
    diskFreeBytes: 0,
  };
  expect(judge(facts, defaultShape, state)).toEqual({ ok: true, plan: own.plan });
});

test('a cluster that was begun still needs what its daemons need', () => {
  expect(problemsOf({ clusters: [own], missingPackages: ['runc'] })).toHaveLength(1);
});

test('a cluster of the same name with another state folder is somebody else’s', () => {
  expect(problemsOf({ clusters: [{ ...own, state: '/home/b/state/local' }] })).toEqual([
    'cluster local: there is one already, kept in /home/b/state/local; give this one another name',
  ]);
});

test('other nodes than the cluster has are refused', () => {
  expect(problemsOf({ clusters: [own] }, shapeOf('local', 3, 2))).toEqual([
    'cluster local: it has the nodes edge-1, edge-2, worker-1, worker-2; to change them, run: edgeplane down',
  ]);
});
