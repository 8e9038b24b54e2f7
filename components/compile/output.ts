import type { Loss } from '../model/problem.ts';

/** A Kubernetes object as plain data, keys in the order they are to be printed. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Objects that are applied and destroyed together: one folder of `synth`, one Pulumi component. */
export interface ObjectGroup {
  readonly kind: 'crds' | 'platform' | 'app';
  /** Folder name: `crds`, `platform`, or `<namespace>/<app>`. */
  readonly name: string;
  readonly objects: readonly KubeObject[];
}

/** What an edge makes of a plan. Objects of an app belong to that app: adding a route changes no other app's objects. */
export interface EdgeOutput {
  /** By `namespace/app`. */
  readonly apps: ReadonlyMap<string, readonly KubeObject[]>;
  /** The edge itself: DaemonSet, RBAC, configuration. Empty when someone else installed it. */
  readonly platform: readonly KubeObject[];
  /** CustomResourceDefinitions the objects need; retained on destroy. */
  readonly crds: readonly KubeObject[];
  readonly losses: readonly Loss[];
}
