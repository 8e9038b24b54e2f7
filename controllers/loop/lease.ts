import { randomUUID } from 'node:crypto';
import { type ApiClient, ApiError } from './api.ts';
import { cancelWith } from './cancel.ts';
import type { Clock } from './clock.ts';
import {
  acquire,
  type LeaseObject,
  type LeaseSpec,
  mayTake,
  microTime,
  type Observed,
  recordOf,
} from './lease-record.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

/** Times of a lease, milliseconds; each below the one before. */
export interface LeaseTiming {
  /** Others take the lease when they have seen no renewal for so long. */
  readonly leaseMs: number;
  /** The holder writes no more when its last renewal is older. The difference is for a write that is on its way. */
  readonly writeMs: number;
  /** From one look at the lease to the next. */
  readonly retryMs: number;
}

export const defaultLeaseTiming: LeaseTiming = { leaseMs: 60_000, writeMs: 40_000, retryMs: 15_000 };

/** What a lease is made of. The program needs `get`, `create` and `update` on `leases` of `coordination.k8s.io`. */
export interface LeaseOptions {
  readonly api: ApiClient;
  readonly namespace: string;
  readonly name: string;
  /** The pod's name. A part of its own is added for this process, so that a restarted one is another holder. */
  readonly identity: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** @default {@link defaultLeaseTiming} */
  readonly timing?: LeaseTiming;
  /** The lease was gained, or lost. @default nothing is done */
  readonly onChange?: () => void;
}

/** The right to write. */
export interface Permit {
  /** Rises with every change of the holder: a writer with a lower one is a former holder. */
  readonly fence: number;
  /** A write must have ended this soon, milliseconds: later another may write. */
  readonly leftMs: number;
}

/** A lease that is competed for until it is stopped. */
export interface Lease {
  /** To be asked before every single write: null as soon as the lease may be somebody else's. */
  readonly mayWrite: () => Permit | null;
  /** Gives the lease back if it is held, so that another one need not wait. */
  readonly stop: () => Promise<void>;
}

/**
 * Competes for a lease. Only changes that this process has seen itself, by a clock that nobody sets, count: the times
 * that others write into the lease do not.
 */
export function startLease(options: LeaseOptions): Lease {
  const { clock, log, metrics, onChange = () => undefined, timing = defaultLeaseTiming } = options;
  const stopped = new AbortController();
  const holding: Holding = { renewedAt: null, fence: 0, observed: null };
  const identity = `${options.identity}_${randomUUID()}`;
  const mayWrite = (): Permit | null => {
    const ageMs = holding.renewedAt === null ? Number.POSITIVE_INFINITY : clock.monotonicMs() - holding.renewedAt;
    return ageMs < timing.writeMs ? { fence: holding.fence, leftMs: timing.leaseMs - ageMs } : null;
  };
  const faults = metrics.counter('lease_faults_total', 'Looks at the lease that failed.');
  metrics.gauge('leader', '1 while this process may write.', () => (mayWrite() === null ? 0 : 1));
  const contend: Contend = { ...options, identity, timing, holding };
  let was = false;
  const tell = () => {
    const is = mayWrite() !== null;
    if (is === was) return;
    was = is;
    log('info', is ? 'leaseGained' : 'leaseLost', { lease: options.name, fence: holding.fence });
    onChange();
  };
  const run = async () => {
    while (!stopped.signal.aborted) {
      await lookInTime(contend, stopped.signal).catch((error: unknown) => {
        if (stopped.signal.aborted) return;
        faults.add();
        log('error', 'leaseFailed', { lease: options.name, message: (error as Error).message });
      });
      tell();
      await clock.sleep(nextLookMs(contend), stopped.signal);
      tell();
    }
  };
  const running = run();
  return {
    mayWrite,
    async stop() {
      stopped.abort();
      await running;
      if (mayWrite() !== null) await release(contend).catch(() => undefined);
      holding.renewedAt = null;
    },
  };
}

interface Holding {
  /** When the renewal that succeeded last was begun, monotonic milliseconds; null when the lease is not held. */
  renewedAt: number | null;
  fence: number;
  observed: Observed | null;
}

interface Contend extends LeaseOptions {
  readonly timing: LeaseTiming;
  readonly holding: Holding;
}

/** A holder that fails to renew tells itself in time; a waiter spreads its looks. */
function nextLookMs({ timing, holding, clock }: Contend): number {
  if (holding.renewedAt === null) return timing.retryMs * (0.8 + clock.random() * 0.4);
  const untilLost = holding.renewedAt + timing.writeMs - clock.monotonicMs();
  return untilLost > 0 ? Math.min(timing.retryMs, untilLost) : timing.retryMs;
}

async function lookInTime(contend: Contend, stopped: AbortSignal): Promise<void> {
  const call = cancelWith(stopped);
  const ended = new AbortController();
  const { clock, timing } = contend;
  const late = clock.sleep(timing.retryMs, ended.signal).then(() => {
    if (!ended.signal.aborted) call.cancel(new Error(`no answer in ${timing.retryMs} ms`));
  });
  try {
    await look(contend, call.signal);
  } finally {
    ended.abort();
    call.release();
    await late;
  }
}

const collection = (namespace: string) =>
  `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`;

/** Renews the lease, takes it when it is free or its holder is gone, or leaves it to its holder. */
async function look(contend: Contend, signal: AbortSignal): Promise<void> {
  const { api, clock, holding, identity, namespace, name, timing } = contend;
  const begun = clock.monotonicMs();
  const lease = await read(contend, signal);
  const record = recordOf(lease);
  if (holding.observed === null || holding.observed.version !== record.version) {
    holding.observed = { version: record.version, at: clock.monotonicMs() };
  }
  if (!mayTake(record, identity, holding.observed, clock.monotonicMs(), timing.leaseMs)) {
    holding.renewedAt = null;
    return;
  }
  const wanted = acquire(record, identity, microTime(clock.wallMs()), timing.leaseMs);
  const body = leaseBody(contend, lease, wanted);
  const path = collection(namespace);
  const method = record.version === null ? 'POST' : 'PUT';
  try {
    await api.call({ method, path: method === 'POST' ? path : `${path}/${name}`, body, signal });
  } catch (error) {
    // Somebody else was faster: the next look tells who.
    if (error instanceof ApiError && error.status === 409) holding.renewedAt = null;
    throw error;
  }
  holding.renewedAt = begun;
  holding.fence = wanted.leaseTransitions;
}

async function read({ api, namespace, name }: Contend, signal: AbortSignal): Promise<LeaseObject> {
  try {
    const path = `${collection(namespace)}/${encodeURIComponent(name)}`;
    return (await api.call({ method: 'GET', path, signal })) as LeaseObject;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return {};
    throw error;
  }
}

/** The version of the lease that was read makes the server refuse the write when somebody else has written since. */
function leaseBody({ namespace, name }: Contend, lease: LeaseObject, spec: LeaseSpec) {
  const metadata = { ...lease.metadata, namespace, name };
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
}

async function release(contend: Contend): Promise<void> {
  const { api, clock, identity, namespace, name } = contend;
  const signal = AbortSignal.timeout(contend.timing.retryMs);
  const lease = await read(contend, signal);
  const record = recordOf(lease);
  if (record.holder !== identity) return;
  const body = leaseBody(contend, lease, {
    ...acquire(record, identity, microTime(clock.wallMs()), 1_000),
    holderIdentity: '',
  });
  await api.call({ method: 'PUT', path: `${collection(namespace)}/${name}`, body, signal });
}
