import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject, ObjectGroup } from '../../components/compile/output.ts';
import type { WantedSecret } from '../../components/compile/wanted-secrets.ts';
import { ExitError, exitCodes } from '../exit-codes.ts';
import type { ClusterApi } from './cluster-api.ts';
import {
  inventoryOf,
  isOurs,
  isUnchanged,
  leftOver,
  managedBy,
  merged,
  type ObjectRef,
  refOf,
  refWords,
} from './inventory.ts';
import type { Probe } from './probes.ts';
import { ensureSecrets } from './secret-values.ts';

/** What is to be in the cluster afterwards. */
export interface Wanted {
  readonly groups: readonly ObjectGroup[];
  readonly secrets: readonly WantedSecret[];
  /** Kept beside the inventory, for `status`. */
  readonly probes: readonly Probe[];
  /** Where the inventory is kept. */
  readonly edgeNamespace: string;
}

/** What was done: words as `Deployment apps/whoami`. */
export interface Applied {
  readonly created: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: number;
  /** Keys of Secrets that were made, as `apps/routing:api-key`. */
  readonly generated: readonly string[];
}

/** Reads at a time: enough to hide the way to the API server, few enough to leave it to others. */
const readsAtOnce = 8;

/**
 * Brings objects into the cluster in order, and removes what a former call brought that is no longer wanted. May be cut
 * off anywhere: what was begun is remembered before it is made.
 * @throws ExitError when an object of the same name is someone else's.
 */
export async function applyAll(api: ClusterApi, wanted: Wanted, signal: AbortSignal): Promise<Applied> {
  const objects = wanted.groups.flatMap((group) => group.objects);
  const definitions = objects.filter(({ kind }) => kind === 'CustomResourceDefinition');
  const namespaces = objects.filter(({ kind }) => kind === 'Namespace');
  const others = objects.filter((object) => !definitions.includes(object) && !namespaces.includes(object));
  const bring = (some: readonly KubeObject[]) => bringObjects(api, some, signal);
  const first = [...(await bring(definitions)), ...(await bring(namespaces))];
  await established(api, definitions, signal);
  const before = await readInventory(api, wanted.edgeNamespace);
  const now = inventoryOf(others);
  await writeInventory(api, wanted, merged(before, now));
  const generated = await ensureSecrets(api, wanted.secrets);
  const outcomes = [...first, ...(await bring(others))];
  const removed = await prune(api, leftOver(before, now), signal);
  await writeInventory(api, wanted, now);
  const named = (done: Done['done']) => outcomes.filter((one) => one.done === done).map(({ ref }) => refWords(ref));
  const unchanged = named('unchanged').length;
  return { created: named('created'), changed: named('changed'), removed: removed.map(refWords), unchanged, generated };
}

interface Done {
  readonly ref: ObjectRef;
  readonly done: 'created' | 'changed' | 'unchanged';
}

async function bringObjects(
  api: ClusterApi,
  objects: readonly KubeObject[],
  signal: AbortSignal,
): Promise<readonly Done[]> {
  const before = new Map<KubeObject, KubeObject | undefined>();
  for (let start = 0; start < objects.length; start += readsAtOnce) {
    signal.throwIfAborted();
    const some = objects.slice(start, start + readsAtOnce);
    const found = await Promise.all(some.map((object) => api.read(refOf(object))));
    for (const [index, object] of some.entries()) before.set(object, found[index]);
  }
  refuseOthers([...before.values()]);
  const done: Done[] = [];
  for (const object of objects) {
    signal.throwIfAborted();
    const [ref, old] = [refOf(object), before.get(object)];
    const after = await api.apply(ref, object);
    done.push({ ref, done: old === undefined ? 'created' : isUnchanged(old, after) ? 'unchanged' : 'changed' });
  }
  return done;
}

function refuseOthers(live: readonly (KubeObject | undefined)[]): void {
  const foreign = live.filter((object) => object !== undefined && !isOurs(object)) as readonly KubeObject[];
  if (foreign.length === 0) return;
  const lines = foreign.map(
    (object) =>
      `${refWords(refOf(object))}: found one that Edgeplane did not make, expected none of this name. Rename the app, or delete that object.`,
  );
  throw new ExitError(lines.join('\n'), exitCodes.problems);
}

interface Conditions {
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
}

/** A new kind can be used a moment after it was defined. */
async function established(api: ClusterApi, definitions: readonly KubeObject[], signal: AbortSignal): Promise<void> {
  for (const definition of definitions) {
    const isEstablished = async () => {
      const status = (await api.read(refOf(definition)))?.status as Conditions | undefined;
      return status?.conditions?.some(({ type, status: value }) => type === 'Established' && value === 'True') ?? false;
    };
    const deadline = Date.now() + 60_000;
    while (!(await isEstablished())) {
      if (Date.now() > deadline) throw new Error(`${refWords(refOf(definition))}: not established after 60 s`);
      await sleep(200, undefined, { signal });
    }
  }
}

async function prune(api: ClusterApi, refs: readonly ObjectRef[], signal: AbortSignal): Promise<readonly ObjectRef[]> {
  const removed: ObjectRef[] = [];
  for (const ref of refs) {
    signal.throwIfAborted();
    const live = await api.read(ref);
    if (live === undefined || !isOurs(live)) continue;
    await api.remove(ref);
    removed.push(ref);
  }
  return removed;
}

const inventoryName = 'edgeplane-up';

const inventoryRef = (namespace: string): ObjectRef => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace,
  name: inventoryName,
});

async function writeInventory(
  api: ClusterApi,
  { edgeNamespace, probes }: Wanted,
  objects: readonly ObjectRef[],
): Promise<void> {
  const { apiVersion, kind, namespace, name } = inventoryRef(edgeNamespace);
  const data = { objects: JSON.stringify(objects, null, 1), probes: JSON.stringify(probes, null, 1) };
  const metadata = { name, namespace, labels: managedBy };
  await api.apply(inventoryRef(edgeNamespace), { apiVersion, kind, metadata, data });
}

async function readInventory(api: ClusterApi, namespace: string): Promise<readonly ObjectRef[]> {
  const data = (await api.read(inventoryRef(namespace)))?.data as Readonly<Record<string, string>> | undefined;
  return data?.objects === undefined ? [] : (JSON.parse(data.objects) as readonly ObjectRef[]);
}

/** What was applied last, of what `status` looks at. */
export interface Kept {
  readonly edgeNamespace: string;
  readonly probes: readonly Probe[];
}

/** Finds what a former call kept, in whatever namespace; nothing when none has deployed anything. */
export async function readKept({ kube }: ClusterApi): Promise<Kept | undefined> {
  const { items } = (await kube.get(`/api/v1/configmaps?fieldSelector=metadata.name=${inventoryName}`)) as {
    readonly items: readonly Pick<KubeObject, 'metadata' | 'data'>[];
  };
  const [found] = items;
  if (found === undefined) return undefined;
  const { probes = '[]' } = found.data as Readonly<Record<string, string>>;
  return { edgeNamespace: found.metadata.namespace ?? '', probes: JSON.parse(probes) as readonly Probe[] };
}
