import type { ParsedApp } from '../../model/definition.ts';
import { defaults } from '../defaults.ts';
import type { ContainerPlan, ValueSource } from '../plan.ts';
import type { Report } from './definition.ts';
import { containerPorts, type PodPorts } from './ports.ts';
import { probePlans } from './probes.ts';

export type Mount = ContainerPlan['mounts'][number];
type SideContainer = NonNullable<ParsedApp['sidecars']>[number];
type Images = Readonly<Record<string, string>>;

export interface ContainerContext {
  readonly images: Images;
  /** Volumes that were asked for read-only. */
  readonly readOnlyVolumes: ReadonlySet<string>;
  readonly report: Report;
}

/** The app's own container. `extraMounts` are its files and its scratch folder. */
export function mainContainer(
  app: ParsedApp,
  ports: PodPorts,
  extraMounts: readonly Mount[],
  context: ContainerContext,
): ContainerPlan {
  return {
    ...plainContainer(app, extraMounts, context),
    name: app.name,
    ports: ports.own,
    probes: probePlans(app, ports, context.report),
  };
}

/** An init container or a sidecar. */
export function sideContainer(
  container: SideContainer,
  extraMounts: readonly Mount[],
  context: ContainerContext,
): ContainerPlan {
  return {
    ...plainContainer(container, extraMounts, context),
    name: container.name,
    ports: containerPorts(container.ports, false),
    probes: { readiness: null, liveness: null, startup: null },
  };
}

function plainContainer(
  container: Omit<SideContainer, 'name' | 'ports'>,
  extraMounts: readonly Mount[],
  context: ContainerContext,
) {
  return {
    image: replacedImage(context.images, container.image),
    command: container.command ?? null,
    args: container.args ?? null,
    env: envPlan(container.env),
    mounts: mountPlans(container.mounts, extraMounts, context.readOnlyVolumes),
    resources: resourcePlan(container.resources),
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

/** A volume of the author's at the scratch path takes its place. */
function mountPlans(
  mounts: Readonly<Record<string, string>> | undefined,
  extra: readonly Mount[],
  readOnlyVolumes: ReadonlySet<string>,
): readonly Mount[] {
  if (mounts === undefined) return extra;
  const own = Object.entries(mounts).map(([path, volume]): Mount => {
    return { path, volume, subPath: null, readOnly: readOnlyVolumes.has(volume) };
  });
  const others = extra.filter(({ path }) => !Object.hasOwn(mounts, path));
  return [...others, ...own].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

export const scratchVolume = 'edgeplane-tmp';
export const scratchPath = '/tmp';

function resourcePlan(written: ParsedApp['resources']): ContainerPlan['resources'] {
  const cpu = written?.cpu ?? defaults.resources.cpu;
  const { cpuLimitFactor, cpuLimitFloorMillis } = defaults.resources;
  const limit = written?.cpuLimit ?? `${Math.max(cpuMillis(cpu) * cpuLimitFactor, cpuLimitFloorMillis)}m`;
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
