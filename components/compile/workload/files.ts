import type { ConfigMap } from 'kubernetes-types/core/v1';
import type { AppMetadata } from '../metadata.ts';
import { nameOf } from '../names.ts';
import type { KubeObject } from '../output.ts';
import type { AppPlan, WorkloadPlan } from '../plan.ts';

/** Name of the ConfigMap with an app's files. It stays when files change; the hash on the pod template rolls the pods. */
export function filesName(app: Pick<AppPlan, 'name'>): string {
  return nameOf([app.name, 'files']);
}

/** The ConfigMap with the files an author wrote out; nothing without such files. */
export function filesObject(metadata: AppMetadata, app: AppPlan, { configFiles }: WorkloadPlan): readonly KubeObject[] {
  if (configFiles.length === 0) return [];
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadata(filesName(app)),
    data: Object.fromEntries(configFiles.map(({ key, content }) => [key, content])),
  } satisfies ConfigMap;
  return [object];
}
