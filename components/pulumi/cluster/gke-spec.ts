import type { EnvironmentPlan } from '../../compile/plan.ts';
import { addressIn } from '../../model/address.ts';
import type { Problem } from '../../model/problem.ts';
import type { GkeConfig } from './gke-config.ts';

/** Every decision about a GKE cluster, made before anything is registered. */
export interface GkeSpec {
  /** Name of the environment. */
  readonly name: string;
  readonly production: boolean;
  readonly project: string;
  readonly region: string;
  readonly zones: readonly string[];
  readonly ranges: {
    readonly nodes: string;
    readonly pods: string;
    readonly services: string;
    readonly controlPlane: string;
  };
  readonly operators: readonly { readonly name: string; readonly cidr: string }[];
  readonly privateEndpoint: boolean;
  readonly releaseChannel: NonNullable<GkeConfig['releaseChannel']>;
  readonly maintenance: { readonly startTime: string; readonly endTime: string; readonly recurrence: string };
  readonly securityGroup: string | null;
  readonly appPool: { readonly machineType: string; readonly min: number; readonly max: number };
  readonly edgePool: EdgePoolSpec;
  readonly exposure: GkeExposure;
}

/** What the edge is placed by. */
export interface EdgePoolSpec {
  readonly machineType: string;
  readonly nodesPerZone: number;
  readonly label: { readonly key: string; readonly value: string };
  readonly taint: { readonly key: string; readonly value: string; readonly effect: 'NO_SCHEDULE' | 'NO_EXECUTE' };
  readonly networkTag: string;
}

/** How the edge is reached; ports are those that packets carry when they arrive at a node. */
export interface GkeExposure {
  readonly kind: 'external' | 'internal' | 'nodes';
  readonly ports: readonly number[];
  readonly sourceRanges: readonly string[];
  /** An address that was reserved elsewhere; null: one is reserved. */
  readonly address: string | null;
}

/** Addresses that only private networks have (RFC 1918). */
export const privateRanges: readonly string[] = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];
const internalType = 'networking.gke.io/load-balancer-type';
/** Google wants 48 hours of maintenance in 32 days, so in four weeks at least. */
const leastHours = 48;

/** The cluster an environment asks for. Totals are rounded up to the same number in each zone. */
export function gkeSpec(config: GkeConfig, environment: EnvironmentPlan): GkeSpec {
  const { network, appNodes, edgeNodes } = config;
  const { label, taint, count } = environment.edgeNodes;
  return {
    name: environment.name,
    production: environment.production,
    project: config.project,
    region: config.region,
    zones: config.zones,
    ranges: {
      nodes: network?.nodes ?? '10.0.0.0/20',
      pods: network?.pods ?? '10.4.0.0/14',
      services: network?.services ?? '10.8.0.0/20',
      controlPlane: network?.controlPlane ?? '172.16.0.0/28',
    },
    operators: config.operators ?? [],
    privateEndpoint: config.privateEndpoint ?? true,
    releaseChannel: config.releaseChannel ?? 'REGULAR',
    maintenance: maintenanceWindow(config.maintenance ?? { start: '02:00', hours: 4, days: [] }),
    securityGroup: config.securityGroup ?? null,
    appPool: {
      machineType: appNodes?.machineType ?? 'e2-standard-4',
      min: appNodes?.min ?? 2,
      max: appNodes?.max ?? Math.max(6, appNodes?.min ?? 0),
    },
    edgePool: {
      machineType: edgeNodes?.machineType ?? 'e2-standard-2',
      nodesPerZone: Math.ceil(count / config.zones.length),
      label,
      taint: { ...taint, effect: taint.effect === 'NoExecute' ? 'NO_EXECUTE' : 'NO_SCHEDULE' },
      networkTag: `${environment.name}-edge-router`,
    },
    exposure: exposureOf(environment),
  };
}

function exposureOf({ exposure }: EnvironmentPlan): GkeExposure {
  if (exposure.kind === 'hostPort') {
    return { kind: 'nodes', ports: [exposure.http, exposure.https], sourceRanges: privateRanges, address: null };
  }
  const internal = exposure.annotations[internalType] === 'Internal';
  const everyone = internal ? privateRanges : ['0.0.0.0/0'];
  const sourceRanges = exposure.sourceRanges.length === 0 ? everyone : exposure.sourceRanges;
  return { kind: internal ? 'internal' : 'external', ports: [80, 443], sourceRanges, address: exposure.address };
}

/** The first window is in the past; only its times of day count. */
function maintenanceWindow({ start, hours, days }: NonNullable<GkeConfig['maintenance']>): GkeSpec['maintenance'] {
  const from = new Date(`2025-01-01T${start}:00Z`);
  const to = new Date(from.getTime() + hours * 3_600_000);
  const recurrence = days.length === 0 ? 'FREQ=DAILY' : `FREQ=WEEKLY;BYDAY=${days.join(',')}`;
  const text = (time: Date) => time.toISOString().replace('.000Z', 'Z');
  return { startTime: text(from), endTime: text(to), recurrence };
}

/** What is wrong with a cluster for an environment, all at once. Paths are those of the stack configuration. */
export function gkeProblems(config: GkeConfig, environment: EnvironmentPlan): readonly Problem[] {
  const spec = gkeSpec(config, environment);
  const subject = `configuration of ${environment.name}`;
  const at = (path: string) => ({ subject, path: `cluster.gke.${path}` });
  const problems: Problem[] = [];
  if (spec.production && new Set(spec.zones).size < 2)
    problems.push({
      code: 'edge-zones',
      at: at('zones'),
      found: `${new Set(spec.zones).size} zone`,
      expected: 'at least 2 zones in production',
      fix: 'Name a second zone.',
    });
  for (const [index, zone] of spec.zones.entries())
    if (!zone.startsWith(`${spec.region}-`))
      problems.push({
        code: 'zone-elsewhere',
        at: at(`zones[${index}]`),
        found: JSON.stringify(zone),
        expected: `a zone of ${spec.region}`,
        fix: 'Correct the zone or the region.',
      });
  if (!spec.privateEndpoint && spec.operators.length === 0)
    problems.push({
      code: 'control-plane-open',
      at: at('operators'),
      found: 'a public control plane and nobody named who reaches it',
      expected: 'the networks of those who operate the cluster, or privateEndpoint',
      fix: 'Name them, or leave privateEndpoint out.',
    });
  if (spec.appPool.min > spec.appPool.max)
    problems.push({
      code: 'node-range',
      at: at('appNodes.max'),
      found: `${spec.appPool.max}, below min ${spec.appPool.min}`,
      expected: 'at least as many as min',
      fix: 'Raise max.',
    });
  return [...problems, ...maintenanceProblems(config, at), ...exposureProblems(environment, spec, subject)];
}

type At = (path: string) => Problem['at'];

function maintenanceProblems({ maintenance }: GkeConfig, at: At): readonly Problem[] {
  if (maintenance === undefined) return [];
  const hours = maintenance.hours * new Set(maintenance.days).size * 4;
  if (hours >= leastHours) return [];
  return [
    {
      code: 'maintenance-window',
      at: at('maintenance'),
      found: `${hours} hours in four weeks`,
      expected: `at least ${leastHours}, or Google refuses the window`,
      fix: 'Add days or hours.',
    },
  ];
}

function exposureProblems({ exposure }: EnvironmentPlan, spec: GkeSpec, subject: string): readonly Problem[] {
  const at = (path: string) => ({
    subject: subject.replace('configuration of', 'environment'),
    path: `exposure.loadBalancer.${path}`,
  });
  if (exposure.kind !== 'loadBalancer') return [];
  const proxied: Problem = {
    code: 'client-address',
    at: at('clientAddress'),
    found: '"proxyProtocol" on GKE',
    expected: '"preserved": its load balancers pass packets through and send no PROXY protocol',
    fix: 'Set clientAddress to preserved.',
  };
  const open = spec.exposure.kind === 'internal' ? spec.exposure.sourceRanges.filter((range) => !isPrivate(range)) : [];
  return [
    ...(exposure.clientAddress === 'proxyProtocol' ? [proxied] : []),
    ...open.map((range) => ({
      code: 'internal-open',
      at: at('sourceRanges'),
      found: range,
      expected: `ranges within ${privateRanges.join(', ')} for an internal load balancer`,
      fix: 'Take the range away, or the annotation that makes the load balancer internal.',
    })),
  ];
}

/** Whether a whole range is private: its first address is, and it is no wider than the private range it begins in. */
function isPrivate(range: string): boolean {
  const [address = '', bits = ''] = range.split('/');
  return privateRanges.some((known) => addressIn(address, [known]) && Number(bits) >= Number(known.split('/')[1]));
}
