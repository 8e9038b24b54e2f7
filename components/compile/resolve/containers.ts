import type { ParsedApp } from '../../model/definition.ts';
import type { Path } from '../../model/path.ts';
import { defaults } from '../defaults.ts';
import type { ContainerPlan, PortPlan, ValueSource } from '../plan.ts';
import { quote, type Report } from './definition.ts';
import { containerPorts } from './ports.ts';
import { probePlans } from './probes.ts';
import { didYouMean, oneOf } from './suggestion.ts';

export type Mount = ContainerPlan['mounts'][number];
type SideContainer = NonNullable<ParsedApp['sidecars']>[number];
type Images = Readonly<Record<string, string>>;

export interface ContainerContext {
  readonly images: Images;
  readonly volumes: ReadonlySet<string>;
  /** Volumes that were asked for read-only. */
  readonly readOnlyVolumes: ReadonlySet<string>;
  readonly report: Report;
}

/** The app's own container. `extraMounts` are its files and its scratch folder. */
export function mainContainer(
  app: ParsedApp,
  ports: readonly PortPlan[],
  extraMounts: readonly Mount[],
  context: ContainerContext,
): ContainerPlan {
  const own = app.ports ?? {};
  return {
    ...plainContainer(app, [], extraMounts, context),
    name: app.name,
    ports: ports.filter(({ name }) => Object.hasOwn(own, name)),
    probes: probePlans(app, ports, context.report),
  };
}

/** An init container or a sidecar. */
export function sideContainer(
  container: SideContainer,
  path: Path,
  extraMounts: readonly Mount[],
  context: ContainerContext,
): ContainerPlan {
  return {
    ...plainContainer(container, path, extraMounts, context),
    name: container.name,
    ports: containerPorts(container.ports, false),
    probes: { readiness: null, liveness: null, startup: null },
  };
}

function plainContainer(
  container: Omit<SideContainer, 'name' | 'ports'>,
  path: Path,
  extraMounts: readonly Mount[],
  context: ContainerContext,
) {
  return {
    image: replacedImage(context.images, container.image),
    command: container.command ?? null,
    args: container.args ?? null,
    env: envPlan(container.env),
    mounts: mountPlans(container.mounts, path, extraMounts, context),
    resources: resourcePlan(container.resources, [...path, 'resources'], context.report),
  };
}

/** The environment's replacement of exactly this reference, or the reference itself. */
export function replacedImage(images: Images, image: string): string {
  return Object.hasOwn(images, image) ? (images[image] ?? image) : image;
}

function envPlan(env: ParsedApp['env']): ContainerPlan['env'] {
  if (env === undefined) return [];
  return Object.keys(env)
    .toSorted()
    .map((name) => ({ name, source: valueSource(env[name] ?? '') }));
}

function valueSource(value: NonNullable<ParsedApp['env']>[string]): ValueSource {
  if (typeof value === 'string') return { kind: 'value', value };
  if ('secret' in value) return { kind: 'secret', ...value.secret };
  if ('config' in value) return { kind: 'config', ...value.config };
  return { kind: 'field', path: value.field };
}

function mountPlans(
  mounts: Readonly<Record<string, string>> | undefined,
  path: Path,
  extra: readonly Mount[],
  { volumes, readOnlyVolumes, report }: ContainerContext,
): readonly Mount[] {
  if (mounts === undefined) return extra;
  const taken = new Set(extra.map((mount) => mount.path));
  const plans = [...extra.filter((mount) => !(mount.volume === scratchVolume && Object.hasOwn(mounts, mount.path)))];
  for (const [at, volume] of Object.entries(mounts)) {
    if (!volumes.has(volume))
      report([...path, 'mounts', at], 'unknown-volume', {
        found: quote(volume),
        expected: `a volume of this app: ${oneOf(volumes)}`,
        fix: `Declare it under volumes or correct the name.${didYouMean(volume, volumes)}`,
      });
    else if (taken.has(at) && at !== scratchPath)
      report([...path, 'mounts', at], 'mount-conflict', {
        found: `${quote(at)}, where a file of this app is`,
        expected: 'each path once among mounts and files',
        fix: 'Mount the volume or place the file elsewhere.',
      });
    plans.push({ path: at, volume, subPath: null, readOnly: readOnlyVolumes.has(volume) });
  }
  return plans.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

export const scratchVolume = 'tmp';
export const scratchPath = '/tmp';

function resourcePlan(
  written: NonNullable<ParsedApp['resources']> | undefined,
  path: Path,
  report: Report,
): ContainerPlan['resources'] {
  const cpu = written?.cpu ?? defaults.resources.cpu;
  const request = cpuMillis(cpu);
  const derived = Math.max(request * defaults.resources.cpuLimitFactor, defaults.resources.cpuLimitFloorMillis);
  const limit = written?.cpuLimit ?? `${derived}m`;
  if (limit !== 'none' && cpuMillis(limit) < request)
    report([...path, 'cpuLimit'], 'limit-below-request', {
      found: `${limit}, below the request of ${cpu}`,
      expected: 'a limit not below the request',
      fix: 'Raise cpuLimit or lower cpu.',
    });
  return {
    cpu,
    cpuLimit: limit === 'none' ? null : limit,
    memory: written?.memory ?? defaults.resources.memory,
    ephemeralStorage: written?.ephemeralStorage ?? defaults.resources.ephemeralStorage,
  };
}

function cpuMillis(text: string): number {
  return text.endsWith('m') ? Number(text.slice(0, -1)) : Math.round(Number(text) * 1000);
}
