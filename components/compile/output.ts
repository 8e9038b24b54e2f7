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
  /** Those of an app are made when this is read, each time anew: the objects of 10,000 apps need not exist at once. */
  readonly objects: readonly KubeObject[];
}

/** Objects of apps, by `namespace/app`. An edge may make them when they are asked for; a `Map` is one too. */
export interface ObjectsByApp {
  readonly get: (app: string) => readonly KubeObject[] | undefined;
  readonly values: () => Iterable<readonly KubeObject[]>;
}

/** Labels and annotations of the pods of an app, beside those every pod has. */
export interface PodMarks {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What an edge makes of a plan. Objects of an app belong to that app: adding a route changes no other app's objects. */
export interface EdgeOutput {
  readonly apps: ObjectsByApp;
  /** By `namespace/app`: what the edge reads on pods. Without it, nothing. */
  readonly podMarks?: ReadonlyMap<string, PodMarks>;
  /** The edge itself: DaemonSet, RBAC, configuration. Empty when someone else installed it. */
  readonly platform: readonly KubeObject[];
  /** CustomResourceDefinitions the objects need; retained on destroy. */
  readonly crds: readonly KubeObject[];
  readonly losses: readonly Loss[];
}
