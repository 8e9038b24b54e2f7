/** What every object of the API has, and nothing that one kind alone has. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** The metadata that is there on every object that gets past the intake. */
export interface ObjectMeta {
  readonly name: string;
  /** Absent on objects of the whole cluster. */
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly generation?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** One collection of objects that is listed and watched, and what is kept of each object. */
export interface Source<T> {
  /** As `v1` or `networking.k8s.io/v1`. */
  readonly apiVersion: string;
  /** As `pods`. */
  readonly plural: string;
  /** One namespace; null for the whole cluster. */
  readonly namespace: string | null;
  /** @default every object */
  readonly labelSelector?: string;
  /** @default every object */
  readonly fieldSelector?: string;
  /**
   * What is kept of one object; null keeps nothing. Pure: two equal results count as no change.
   * An object it throws on is refused: left out of the state, counted, and logged by its name.
   */
  readonly project: (object: KubeObject) => T | null;
}

// biome-ignore lint/suspicious/noExplicitAny: each source keeps a type of its own, and a record of them has no common one.
export type Sources = Readonly<Record<string, Source<any>>>;

/**
 * Everything that is known, by the name of the source: what was kept of each object, by `namespace/name` (by `name`
 * alone for objects of the whole cluster), in ascending order of that key.
 */
export type StateOf<S extends Sources> = {
  readonly [K in keyof S]: S[K] extends Source<infer T> ? ReadonlyMap<string, T> : never;
};

/** `namespace/name`, or `name` for an object of the whole cluster: the key of an object in the state. */
export function keyOf(metadata: Pick<ObjectMeta, 'name' | 'namespace'>): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}

/** The path of a collection, without a query. */
export function collectionPath(source: Pick<Source<unknown>, 'apiVersion' | 'plural' | 'namespace'>): string {
  const group = source.apiVersion.includes('/') ? `/apis/${source.apiVersion}` : `/api/${source.apiVersion}`;
  const namespace = source.namespace === null ? '' : `/namespaces/${encodeURIComponent(source.namespace)}`;
  return `${group}${namespace}/${source.plural}`;
}
