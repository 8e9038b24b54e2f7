import { field, type Part, type Path, parts, text } from './fields.ts';
import type { Subject } from './rule.ts';

/** The pod that an object runs. */
export interface Pod extends Part {
  /** `metadata` of the pod itself, not of the object that makes it. */
  readonly metadata: Part;
  /** All of them: init, ordinary and ephemeral. */
  readonly containers: readonly Part[];
}

/** Where the pod stands in the objects that make pods, by API group and kind. */
const places: Readonly<Record<string, Path>> = {
  Pod: [],
  PodTemplate: ['template'],
  ReplicationController: ['spec', 'template'],
  'apps/DaemonSet': ['spec', 'template'],
  'apps/Deployment': ['spec', 'template'],
  'apps/ReplicaSet': ['spec', 'template'],
  'apps/StatefulSet': ['spec', 'template'],
  'batch/CronJob': ['spec', 'jobTemplate', 'spec', 'template'],
  'batch/Job': ['spec', 'template'],
  'extensions/DaemonSet': ['spec', 'template'],
  'extensions/Deployment': ['spec', 'template'],
  'extensions/ReplicaSet': ['spec', 'template'],
};

/** The pod of an object; null where it makes none. Its `value` is the pod's `spec`. */
export function podOf({ apiVersion, kind, properties }: Subject): Pod | null {
  const group = apiVersion.includes('/') ? `${apiVersion.slice(0, apiVersion.indexOf('/'))}/` : '';
  const place = Object.hasOwn(places, group + kind) ? places[group + kind] : undefined;
  if (apiVersion === '' || place === undefined) return null;
  const spec = [...place, 'spec'];
  const value = field(properties, ...spec);
  const metadata = [...place, 'metadata'];
  const listed = (list: string) => parts(value, spec, list);
  return {
    path: spec,
    value,
    metadata: { path: metadata, value: field(properties, ...metadata) },
    containers: [...listed('initContainers'), ...listed('containers'), ...listed('ephemeralContainers')],
  };
}

/** A container as findings name it. */
export function containerName({ value }: Part): string {
  return `container ${JSON.stringify(text(value, 'name'))}`;
}

/** The place of a field below a part. */
export function below({ path }: Part, ...steps: Path): Path {
  return [...path, ...steps];
}
