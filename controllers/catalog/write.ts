import { type ConsulClient, ConsulError, ConsulUnavailable } from './consul/client.ts';
import type { Operation } from './consul/operation.ts';
import { applyTransaction, type Written } from './consul/transaction.ts';
import { transactionsOf, type Unit } from './units.ts';

/** The lock was not held when Consul looked: somebody else writes now. */
export class LockLost extends Error {
  constructor() {
    super('the lock is not held any more: nothing was written');
    this.name = 'LockLost';
  }
}

/** Why a unit was not written, for metrics. */
export type FailureReason = 'denied' | 'stale' | 'refused' | 'error';

/** A unit that was not written while others were. */
export interface UnitFailure {
  readonly label: string;
  readonly reason: FailureReason;
  readonly detail: string;
}

/** What writing needs. */
export interface WriteContext {
  readonly client: ConsulClient;
  /** The first operation of every transaction. */
  readonly fence: Operation;
  /** Told after each transaction; null when Consul did not tell all that it wrote. */
  readonly onWritten: (written: readonly Written[] | null) => void;
  readonly signal: AbortSignal;
}

/** Requests in a row that may fail for no reason Consul gives, before it is taken for being down. */
const mostErrors = 40;

/**
 * Writes units in their order, as many in a transaction as fit. One that fails stops no other: its transaction is tried
 * again without it, or in halves where Consul does not say which it was.
 * @throws LockLost; ConsulUnavailable when nothing more can be written now.
 */
export async function writeUnits(units: readonly Unit[], context: WriteContext): Promise<readonly UnitFailure[]> {
  const failures: UnitFailure[] = [];
  const waiting: (readonly Unit[])[] = [...transactionsOf(units)];
  let errors = 0;
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    context.signal.throwIfAborted();
    const result = await attempt(next, context);
    if (result.kind === 'error') {
      errors += 1;
      if (errors > mostErrors) throw new ConsulUnavailable('PUT /v1/txn', result.detail);
    } else errors = 0;
    const { again, failed } = afterwards(next, result);
    waiting.unshift(...again);
    failures.push(...failed);
  }
  return failures;
}

type Attempt =
  | { readonly kind: 'written' }
  | { readonly kind: 'refused'; readonly byUnit: ReadonlyMap<Unit, string> }
  | { readonly kind: 'error'; readonly detail: string };

async function attempt(units: readonly Unit[], { client, fence, onWritten, signal }: WriteContext): Promise<Attempt> {
  try {
    const operations = [fence, ...units.flatMap((unit) => unit.operations)];
    const outcome = await applyTransaction(client, operations, signal);
    if (outcome.kind === 'applied') {
      onWritten(outcome.written);
      return { kind: 'written' };
    }
    if (outcome.errors.some(({ at }) => at === 0)) throw new LockLost();
    return { kind: 'refused', byUnit: blame(units, outcome.errors) };
  } catch (error) {
    if (error instanceof ConsulError) return { kind: 'error', detail: `${error.status} ${error.detail}` };
    throw error;
  }
}

function blame(
  units: readonly Unit[],
  errors: readonly { readonly at: number; readonly what: string }[],
): ReadonlyMap<Unit, string> {
  const owners = units.flatMap((unit) => unit.operations.map(() => unit));
  const found = new Map<Unit, string>();
  for (const { at, what } of errors) {
    const unit = owners[at - 1];
    if (unit !== undefined && !found.has(unit)) found.set(unit, what);
  }
  return found;
}

/** What is to be tried again, and what is given up for now. */
function afterwards(
  units: readonly Unit[],
  result: Attempt,
): { readonly again: readonly (readonly Unit[])[]; readonly failed: readonly UnitFailure[] } {
  switch (result.kind) {
    case 'written':
      return { again: [], failed: [] };
    case 'refused': {
      const others = units.filter((unit) => !result.byUnit.has(unit));
      const failed = [...result.byUnit].filter(([unit]) => unit.pieces.length === 0);
      const pieces = [...result.byUnit.keys()].flatMap((unit) => unit.pieces.map((piece) => [piece]));
      return {
        again: [...(others.length === 0 ? [] : [others]), ...pieces],
        failed: failed.map(([{ label }, what]) => ({ label, reason: reasonOf(what), detail: what })),
      };
    }
    case 'error': {
      const [only] = units;
      if (units.length > 1) {
        const middle = Math.ceil(units.length / 2);
        return { again: [units.slice(0, middle), units.slice(middle)], failed: [] };
      }
      if (only === undefined) return { again: [], failed: [] };
      if (only.pieces.length > 0) return { again: only.pieces.map((piece) => [piece]), failed: [] };
      return { again: [], failed: [{ label: only.label, reason: 'error', detail: result.detail }] };
    }
    default:
      return result satisfies never;
  }
}

function reasonOf(what: string): FailureReason {
  if (/permission denied|acl not found/i.test(what)) return 'denied';
  return /index is stale/i.test(what) ? 'stale' : 'refused';
}
