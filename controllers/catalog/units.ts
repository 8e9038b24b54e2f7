import { compareText } from '../../components/dialects/traefik-tags.ts';
import { instanceOperations, nodeOperations, nodeRemoval, type Operation, removal } from './consul/operation.ts';
import type { InstanceChange, Plan } from './plan.ts';

/**
 * Operations that belong together: all of one Consul service. Its instances change at one moment, because Traefik drops
 * the route of a service whose instances contradict each other.
 */
export interface Unit {
  /** What it is about, for logs: `service web`, `node k8s.prod._.worker-1`. */
  readonly label: string;
  readonly operations: readonly Operation[];
  /** The same in pieces that can stand alone; empty where none can. */
  readonly pieces: readonly Unit[];
}

/** Transactions that older servers take as well: newer ones allow 128 operations and 512 KiB. */
export interface TransactionLimits {
  readonly operations: number;
  readonly bytes: number;
}

export const transactionLimits: TransactionLimits = { operations: 64, bytes: 400 * 1024 };

/** Everything to be written, in order: nodes, then services that gain something, then what only goes. */
export function unitsOf(plan: Plan, limits: TransactionLimits = transactionLimits): readonly Unit[] {
  const nodes = plan.nodes.map((change) => unit(`node ${change.node.name}`, nodeOperations(change)));
  const gaining = groupBy(plan.register, ({ registration }) => registration.service);
  const losing = groupBy(plan.deregister, ({ service }) => service);
  const changed = [...gaining.keys()].toSorted(compareText).flatMap((service) => {
    const removals = (losing.get(service) ?? []).map((instance) => [removal(instance)]);
    return serviceUnits(service, gaining.get(service) ?? [], removals, limits);
  });
  const gone = [...losing.keys()]
    .filter((service) => !gaining.has(service))
    .toSorted(compareText)
    .flatMap((service) =>
      chunks(
        `service ${service}`,
        (losing.get(service) ?? []).map((instance) => [removal(instance)]),
        limits,
        true,
      ),
    );
  return [
    ...nodes,
    ...changed,
    ...gone,
    ...plan.emptyNodes.map((node) => unit(`node ${node.name}`, [nodeRemoval(node)])),
  ];
}

function unit(label: string, operations: readonly Operation[], pieces: readonly Unit[] = []): Unit {
  return { label, operations, pieces };
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

function serviceUnits(
  service: string,
  changes: readonly InstanceChange[],
  removals: readonly (readonly Operation[])[],
  limits: TransactionLimits,
): readonly Unit[] {
  const label = `service ${service}`;
  const additions = changes.map(instanceOperations);
  const mayStandAlone = removals.length === 0 && !changes.some(({ changesTags }) => changesTags);
  // In one transaction where they fit; else what comes before what goes.
  return fits([...additions, ...removals].flat(), limits)
    ? chunks(label, [...additions, ...removals], limits, mayStandAlone)
    : [...chunks(label, additions, limits, mayStandAlone), ...chunks(label, removals, limits, true)];
}

/** Runs of groups that each fit into one transaction. */
function chunks(
  label: string,
  groups: readonly (readonly Operation[])[],
  limits: TransactionLimits,
  mayStandAlone: boolean,
): readonly Unit[] {
  const runs = pack(groups, (group) => group, limits);
  return runs.map((run) => {
    const pieces = mayStandAlone && run.length > 1 ? run.map((group) => unit(label, group)) : [];
    return unit(label, run.flat(), pieces);
  });
}

/** Units that go into each transaction, in their order. */
export function transactionsOf(
  units: readonly Unit[],
  limits: TransactionLimits = transactionLimits,
): readonly (readonly Unit[])[] {
  return pack(units, ({ operations }) => operations, limits);
}

function pack<T>(
  items: readonly T[],
  operationsOf: (item: T) => readonly Operation[],
  limits: TransactionLimits,
): readonly (readonly T[])[] {
  const packs: T[][] = [];
  let [operations, bytes] = [Number.POSITIVE_INFINITY, 0];
  for (const item of items) {
    const own = operationsOf(item);
    const size = bytesOf(own);
    if (operations + own.length > room(limits) || bytes + size > limits.bytes) {
      packs.push([]);
      [operations, bytes] = [0, 0];
    }
    packs.at(-1)?.push(item);
    operations += own.length;
    bytes += size;
  }
  return packs;
}

/** One operation of each transaction is the fence. */
const room = (limits: TransactionLimits) => limits.operations - 1;

const bytesOf = (operations: readonly Operation[]) => Buffer.byteLength(JSON.stringify(operations));

function fits(operations: readonly Operation[], limits: TransactionLimits): boolean {
  return operations.length <= room(limits) && bytesOf(operations) <= limits.bytes;
}
