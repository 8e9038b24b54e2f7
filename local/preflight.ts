import type { builderPackages } from './images/definition.ts';
import { overlap, parseRange } from './ranges.ts';
import { readGoVersion } from './tools.ts';
import { type AddressPlan, addressPlans, type ClusterShape, layOut, shapeProblems } from './topology.ts';

/** Debian packages whose programs the cluster runs, each with a file that shows it is there. */
export const requiredPackages = {
  containerd: '/usr/bin/containerd',
  runc: '/usr/sbin/runc',
  'containernetworking-plugins': '/usr/lib/cni/ptp',
  'etcd-server': '/usr/bin/etcd',
  iptables: '/usr/sbin/iptables',
  iproute2: '/usr/sbin/ip',
  conntrack: '/usr/sbin/conntrack',
  haproxy: '/usr/sbin/haproxy',
  openssl: '/usr/bin/openssl',
  'util-linux': '/usr/bin/nsenter',
  umoci: '/usr/bin/umoci',
  mmdebstrap: '/usr/bin/mmdebstrap',
  // The program itself is there too when the package busybox is, but not static.
  'busybox-static': '/var/lib/dpkg/info/busybox-static.list',
} as const satisfies Readonly<Record<(typeof builderPackages)[number], string>> & Readonly<Record<string, string>>;

/** A cluster that exists, whole or half-made. */
export interface KnownCluster {
  readonly shape: ClusterShape;
  readonly plan: AddressPlan;
  /** Its state folder. */
  readonly state: string;
}

/** What a machine is like, as far as a cluster cares. */
export interface MachineFacts {
  readonly platform: string;
  readonly userId: number;
  /** Names of capabilities this process lacks of those it needs. */
  readonly missingCapabilities: readonly string[];
  readonly missingPackages: readonly string[];
  readonly hasAptGet: boolean;
  /** The output of `go version`, empty when there is no Go. */
  readonly goVersion: string;
  readonly memoryAvailableBytes: number;
  /** Free where state and cache are kept, the smaller of the two. */
  readonly diskFreeBytes: number;
  /** inotify instances that this user may still open. */
  readonly inotifyInstancesFree: number;
  readonly hasNetworkNamespaces: boolean;
  /** What iptables answered when asked for its rules, when that failed. */
  readonly iptablesProblem?: string | undefined;
  /** Names of cgroup controllers that can be used. */
  readonly cgroupControllers: readonly string[];
  readonly links: readonly string[];
  readonly networkNamespaces: readonly string[];
  /** Addresses and routes of this machine, as `10.0.0.0/8`. */
  readonly ranges: readonly string[];
  readonly clusters: readonly KnownCluster[];
}

/** Whether a cluster can be made here, and with which addresses. */
export type PreflightResult =
  | { readonly ok: true; readonly plan: AddressPlan; readonly note?: string }
  | { readonly ok: false; readonly problems: readonly string[]; readonly installable: readonly string[] };

const gib = 1 << 30;
/** A whole idle cluster stays below 3 GiB; the rest is for what runs in it. */
export const memoryNeededBytes = 4 * gib;
/** Built tools 1 GiB, images on four nodes 2 GiB, Go's build cache 3 GiB. */
export const diskNeededBytes = 6 * gib;
/** inotify instances that the daemons of a node, and of the control plane, hold; counted on a running cluster. */
const inotifyOf = { node: 8, controlPlane: 12 } as const;
const neededControllers = ['cpu', 'cpuset', 'memory', 'pids'] as const;

const inGib = (bytes: number) => `${(bytes / gib).toFixed(1)} GiB`;

/** The one command that mends missing packages. */
export const installCommand = (packages: readonly string[]): string =>
  `apt-get install -y --no-install-recommends ${packages.toSorted().join(' ')}`;

function kernelProblems(facts: MachineFacts): readonly string[] {
  const missing = neededControllers.filter((name) => !facts.cgroupControllers.includes(name));
  return [
    ...(facts.hasNetworkNamespaces ? [] : ['kernel: no network namespaces (CONFIG_NET_NS)']),
    ...(facts.iptablesProblem === undefined || facts.missingPackages.includes('iptables')
      ? []
      : [`kernel: iptables does not work: ${facts.iptablesProblem}`]),
    ...(missing.length === 0 ? [] : [`cgroups: controllers ${missing.join(', ')} are not mounted; mount them first`]),
  ];
}

function userProblems(facts: MachineFacts): readonly string[] {
  if (facts.userId !== 0) return [`user: found uid ${facts.userId}, expected root; run it with sudo`];
  if (facts.missingCapabilities.length === 0) return [];
  const names = facts.missingCapabilities.join(', ');
  return [`user: root without ${names}, as in an unprivileged container; run it on the machine or in a privileged one`];
}

function programProblems(facts: MachineFacts): readonly string[] {
  const go = readGoVersion(facts.goVersion);
  const packages = facts.missingPackages;
  return [
    ...(packages.length === 0 ? [] : [`Debian packages are missing; run: ${installCommand(packages)}`]),
    ...('problem' in go ? [`Go: ${go.problem}`] : []),
  ];
}

function roomProblems(facts: MachineFacts): readonly string[] {
  const short = (what: string, found: number, needed: number, fix: string) =>
    found >= needed ? [] : [`${what}: found ${inGib(found)} free, at least ${inGib(needed)} is needed; ${fix}`];
  return [
    ...short('memory', facts.memoryAvailableBytes, memoryNeededBytes, 'end other programs'),
    ...short('disk', facts.diskFreeBytes, diskNeededBytes, 'make room, or set XDG_STATE_HOME and XDG_CACHE_HOME'),
  ];
}

/** A kubelet that gets no inotify instance ends itself, with words that nobody would look for here. */
function inotifyProblems(facts: MachineFacts, shape: ClusterShape): readonly string[] {
  const needed = inotifyOf.controlPlane + inotifyOf.node * shape.nodes.length;
  const found = facts.inotifyInstancesFree;
  return found >= needed
    ? []
    : [
        `kernel: found ${found} free inotify instances, ${needed} are needed; run: sysctl -w fs.inotify.max_user_instances=1024`,
      ];
}

function nameProblems(facts: MachineFacts, shape: ClusterShape): readonly string[] {
  const [first] = addressPlans;
  const topology = first && layOut(shape, first);
  if (!topology) return [];
  const taken = [topology.router, topology.controlPlane, ...topology.nodes]
    .map((place) => place.netns)
    .filter((name) => facts.networkNamespaces.includes(name));
  const { hostLink } = topology.outside;
  return [
    ...(facts.links.includes(hostLink)
      ? [
          `link ${hostLink}: there is one of this name that no cluster recorded; if it is a leftover, run: ip link del ${hostLink}`,
        ]
      : []),
    ...(taken.length === 0
      ? []
      : [
          `network namespaces ${taken.join(', ')}: no cluster recorded them; if they are leftovers, run: ip netns del NAME`,
        ]),
  ];
}

/** The ranges of a plan that something on the machine, or another cluster, uses. */
export function occupied(plan: AddressPlan, facts: Pick<MachineFacts, 'ranges' | 'clusters'>): readonly string[] {
  const used = facts.ranges.concat(facts.clusters.flatMap((cluster) => rangesOf(cluster.plan)));
  return rangesOf(plan).filter((own) => {
    const range = parseRange(own);
    return used.some((other) => {
      const found = parseRange(other);
      return range !== undefined && found !== undefined && overlap(range, found);
    });
  });
}

const rangesOf = (plan: AddressPlan) => [plan.base, plan.pods, plan.services].map((start) => `${start}.0.0/16`);

function choosePlan(facts: MachineFacts): { readonly plan: AddressPlan; readonly note?: string } | undefined {
  const [first] = addressPlans;
  const plan = addressPlans.find((candidate) => occupied(candidate, facts).length === 0);
  if (!plan || plan === first || !first) return plan && { plan };
  return {
    plan,
    note: `${occupied(first, facts).join(', ')} is in use here, so the cluster takes ${plan.base}.0.0/16`,
  };
}

/** Missing packages that `up` may install: nothing is installed on a machine that could not carry the cluster even then. */
function installable(facts: MachineFacts, shape: ClusterShape, state: string): readonly string[] {
  if (facts.missingPackages.length === 0 || !facts.hasAptGet) return [];
  return judge({ ...facts, missingPackages: [], iptablesProblem: undefined }, shape, state).ok
    ? facts.missingPackages
    : [];
}

/**
 * Decides from facts alone whether `up` can begin. All that stands in the way is said at once. A cluster that was
 * begun keeps its addresses, and room it already takes is not asked for again.
 */
export function judge(facts: MachineFacts, shape: ClusterShape, state: string): PreflightResult {
  const fail = (problems: readonly string[]): PreflightResult => ({
    ok: false,
    problems,
    installable: installable(facts, shape, state),
  });
  if (facts.platform !== 'linux') return fail([`system: found ${facts.platform}, the embedded cluster needs Linux`]);
  const always = [
    ...shapeProblems(shape).map((problem) => `shape: ${problem}`),
    ...userProblems(facts),
    ...programProblems(facts),
    ...kernelProblems(facts),
  ];
  const own = facts.clusters.find((cluster) => cluster.shape.name === shape.name);
  if (own && own.state !== state) {
    return fail([
      ...always,
      `cluster ${shape.name}: there is one already, kept in ${own.state}; give this one another name`,
    ]);
  }
  if (own && JSON.stringify(own.shape.nodes) !== JSON.stringify(shape.nodes)) {
    const nodes = own.shape.nodes.map((node) => node.name).join(', ');
    return fail([...always, `cluster ${shape.name}: it has the nodes ${nodes}; to change them, run: edgeplane down`]);
  }
  if (own) return always.length === 0 ? { ok: true, plan: own.plan } : fail(always);
  const chosen = choosePlan(facts);
  const bases = addressPlans.map((plan) => `${plan.base}.0.0/16`).join(', ');
  const addresses = chosen ? [] : [`addresses: every range the cluster could take is in use here: ${bases}`];
  const problems = [
    ...always,
    ...roomProblems(facts),
    ...inotifyProblems(facts, shape),
    ...nameProblems(facts, shape),
    ...addresses,
  ];
  return chosen && problems.length === 0 ? { ok: true, ...chosen } : fail(problems);
}
