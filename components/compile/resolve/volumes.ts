import type { ParsedApp } from '../../model/definition.ts';
import { defaults } from '../defaults.ts';
import { nameOf } from '../names.ts';
import type { VolumePlan, WorkloadPlan } from '../plan.ts';
import { type Mount, scratchPath, scratchVolume } from './containers.ts';

/** What the pod mounts: the author's volumes, files, and scratch space where the root file system is read-only. */
export interface VolumeSet {
  readonly volumes: readonly VolumePlan[];
  readonly configFiles: WorkloadPlan['configFiles'];
  /** Mounts of files, for the main container. */
  readonly fileMounts: readonly Mount[];
  /** The scratch mount, for every container; empty where `/tmp` is writable anyway. */
  readonly scratch: readonly Mount[];
  readonly readOnlyVolumes: ReadonlySet<string>;
}

/** The volume that holds the files an author wrote out. */
export const filesVolume = 'edgeplane-files';

const scratchOnly: VolumeSet = {
  volumes: [{ name: scratchVolume, kind: 'empty', sizeLimit: defaults.workload.tmpSizeLimit, memory: false }],
  configFiles: [],
  fileMounts: [],
  scratch: [{ path: scratchPath, volume: scratchVolume, subPath: null, readOnly: false }],
  readOnlyVolumes: new Set(),
};

export function volumeSet(app: ParsedApp): VolumeSet {
  const writable = app.security?.writableRootFilesystem !== undefined;
  if (app.volumes === undefined && app.files === undefined && !writable) return scratchOnly;
  const own = Object.entries(app.volumes ?? {}).map(([name, volume]) => volumePlan(name, volume));
  const files = filePlans(app);
  const scratch = writable ? [] : scratchOnly.scratch;
  const volumes = [...own, ...files.volumes, ...(writable ? [] : scratchOnly.volumes)];
  return {
    volumes: volumes.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    configFiles: files.configFiles,
    fileMounts: files.mounts,
    scratch,
    readOnlyVolumes: new Set(own.filter(isReadOnly).map(({ name }) => name)),
  };
}

function isReadOnly(volume: VolumePlan): boolean {
  return volume.kind === 'secret' || volume.kind === 'config' || (volume.kind === 'claim' && volume.readOnly);
}

function volumePlan(name: string, volume: NonNullable<ParsedApp['volumes']>[string]): VolumePlan {
  if ('empty' in volume)
    return { name, kind: 'empty', sizeLimit: volume.empty.sizeLimit, memory: volume.empty.memory ?? false };
  if ('claim' in volume) return { name, kind: 'claim', claim: volume.claim, readOnly: volume.readOnly ?? false };
  if ('secret' in volume) return { name, kind: 'secret', source: volume.secret, items: null };
  return { name, kind: 'config', source: volume.config, items: null };
}

interface Files {
  readonly volumes: readonly VolumePlan[];
  readonly configFiles: WorkloadPlan['configFiles'];
  readonly mounts: readonly Mount[];
}

function filePlans(app: ParsedApp): Files {
  const configFiles: { key: string; content: string }[] = [];
  const mounts: Mount[] = [];
  const keys = new Map<string, { kind: 'secret' | 'config'; source: string; items: Set<string> }>();
  for (const [path, file] of Object.entries(app.files ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if ('content' in file) {
      const key = nameOf([path.slice(path.lastIndexOf('/') + 1), path]);
      configFiles.push({ key, content: file.content });
      mounts.push({ path, volume: filesVolume, subPath: key, readOnly: true });
      continue;
    }
    const [kind, reference] =
      'secret' in file ? (['secret', file.secret] as const) : (['config', file.config] as const);
    const volume = nameOf(['file', kind, reference.name]);
    const known = keys.get(volume) ?? { kind, source: reference.name, items: new Set<string>() };
    known.items.add(reference.key);
    keys.set(volume, known);
    mounts.push({ path, volume, subPath: reference.key, readOnly: true });
  }
  const referred = [...keys].map(([name, { kind, source, items }]): VolumePlan => {
    return { name, kind, source, items: [...items].toSorted().map((key) => ({ key, path: key })) };
  });
  return { configFiles, mounts, volumes: referred };
}
