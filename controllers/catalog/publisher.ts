import { z } from 'zod';
import type { Clock } from '../loop/clock.ts';
import type { Log } from '../loop/log.ts';
import { type ConsulClient, ConsulUnavailable } from './consul/client.ts';
import type { Lock } from './consul/lock.ts';
import { fence, type Operation } from './consul/operation.ts';
import { readActual } from './consul/read.ts';
import { applyTransaction, type Written } from './consul/transaction.ts';
import { desired } from './desired.ts';
import { type GuardSettings, guardRemovals } from './guard.ts';
import { keys } from './keys.ts';
import { afterWriting } from './known.ts';
import type { CatalogMetrics } from './metrics.ts';
import type { ClusterState, Desired, Notice, Owner, Settings } from './model.ts';
import { type Actual, plan } from './plan.ts';
import { createServiceReader } from './publication.ts';
import { type Unit, unitsOf } from './units.ts';
import { LockLost, type UnitFailure, writeUnits } from './write.ts';

/** What a publisher is made of. */
export interface PublisherOptions {
  readonly client: ConsulClient;
  readonly lock: Pick<Lock, 'session' | 'lost'>;
  readonly settings: Settings;
  readonly joinsForeign: boolean;
  readonly guard: GuardSettings;
  /** Tells clusters apart that have the same id by mistake: the uid of a namespace that every cluster has. */
  readonly identity: () => Promise<string>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: CatalogMetrics;
  /** Tells authors about their Services. */
  readonly tell: (notice: Notice, isRefused: boolean) => void;
  /** After this time Consul is read again even when nobody says that it changed, milliseconds. */
  readonly rereadMs: number;
  /** Asks for another reconcile after a while, milliseconds. */
  readonly retryAfter: (waitMs: number) => void;
}

/** Brings what a cluster says into Consul. */
export interface Publisher {
  /**
   * Writes what differs; nothing without the lock.
   * @throws when Consul cannot be asked, or is asked by another cluster under the same id.
   */
  readonly reconcile: (state: ClusterState, signal: AbortSignal) => Promise<void>;
  /** null, or that another cluster has this one's id. */
  readonly unready: () => string | null;
}

/** What Consul did not take is tried again after this time. */
const itemRetryMs = 10_000;

export function createPublisher(options: PublisherOptions): Publisher {
  const { lock, settings, metrics } = options;
  const view = createView(options);
  const readService = createServiceReader(settings);
  return {
    unready: view.twin,
    async reconcile(state, signal) {
      const wanted = desired(state, settings, readService);
      const session = lock.session();
      metrics.desired(wanted, session !== null);
      if (session === null) return view.forget();
      try {
        await publish(options, wanted, session, {
          read: (isFresh) => view.read(session, isFresh, signal),
          write: (units) => view.write(units, session, signal),
        });
      } catch (error) {
        view.forget();
        if (error instanceof LockLost) lock.lost();
        throw error;
      }
    },
  };
}

/** What is known of Consul: read now and then, and carried on by what is written, which nobody else does. */
function createView({ client, settings, clock, metrics, rereadMs, identity }: PublisherOptions) {
  let known: { readonly session: string; readonly readAtMs: number; readonly actual: Actual } | null = null;
  let twin: string | null = null;
  const forget = () => {
    known = null;
  };
  const read = async (session: string, isFresh: boolean, signal: AbortSignal): Promise<Actual> => {
    const readAtMs = clock.monotonicMs();
    if (!isFresh && known?.session === session && readAtMs - known.readAtMs < rereadMs) return known.actual;
    if (known?.session !== session) {
      twin = await claimCluster(client, settings.owner, await identity(), session, signal);
      if (twin !== null) throw new Error(twin);
    }
    const actual = await readActual(client, settings.owner, signal);
    known = { session, readAtMs, actual };
    return actual;
  };
  const write = async (units: readonly Unit[], session: string, signal: AbortSignal) => {
    const all: Written[] = [];
    let isWhole = true;
    const onWritten = (written: readonly Written[] | null) => {
      metrics.wrote(written);
      if (written === null) isWhole = false;
      else all.push(...written);
    };
    const fenced = fence(keys(settings.owner).lock, session);
    const failures = await writeUnits(units, { client, fence: fenced, onWritten, signal });
    if (!isWhole || failures.some(({ reason }) => reason === 'stale')) forget();
    else if (known !== null && all.length > 0) known = { ...known, actual: afterWriting(known.actual, all) };
    return failures;
  };
  return { read, write, forget, twin: () => twin };
}

/** Consul, read or remembered, and written. */
interface Access {
  readonly read: (isFresh: boolean) => Promise<Actual>;
  readonly write: (units: readonly Unit[]) => Promise<readonly UnitFailure[]>;
}

async function publish(
  options: PublisherOptions,
  wanted: Desired,
  session: string,
  { read, write }: Access,
): Promise<void> {
  const { client, settings, joinsForeign, guard, metrics, tell, retryAfter, log } = options;
  const by = { owner: settings.owner, joinsForeign };
  const quick = plan(wanted, await read(false), by);
  // Somebody else may have given up a name since it was read, or we have.
  const full = quick.refused.length === 0 ? quick : plan(wanted, await read(true), by);
  const first = guardRemovals(full, guard, null);
  const allowed = first.held === 0 ? null : await readAllowance(client, keys(settings.owner).allowance);
  const guarded = allowed === null ? first : guardRemovals(full, guard, allowed.count);
  for (const notice of [...wanted.refused, ...full.refused]) tell(notice, true);
  for (const notice of wanted.warnings) tell(notice, false);
  if (guarded.held > 0) {
    log('error', 'removalsHeld', {
      removals: guarded.removals,
      of: full.owned,
      key: keys(settings.owner).allowance,
      fix: `to let them go, put ${guarded.removals} or more at this key in Consul`,
    });
  }
  const failures = await write(unitsOf(guarded.plan));
  for (const { label, reason, detail } of failures)
    log('error', 'itemFailed', { item: label, reason, detail: detail.slice(0, 200) });
  if (failures.length > 0) retryAfter(itemRetryMs);
  else if (guarded.held === 0 && allowed !== null) await useUp(options, allowed.index, session);
  metrics.published(guarded, full, failures);
}

const allowanceShape = z.array(z.object({ Value: z.string().nullable(), ModifyIndex: z.number() }));

/** How many removals an operator allows at once. */
async function readAllowance(client: ConsulClient, key: string) {
  const answer = await client.send({ method: 'GET', path: `/v1/kv/${key}`, query: { consistent: '' }, accept: [404] });
  if (answer.status === 404) return null;
  const [entry] = allowanceShape.parse(answer.body);
  const text = Buffer.from(entry?.Value ?? '', 'base64')
    .toString()
    .trim();
  return entry !== undefined && /^\d{1,9}$/.test(text) ? { count: Number(text), index: entry.ModifyIndex } : null;
}

/** The word of an operator is for once. */
async function useUp({ client, settings }: PublisherOptions, index: number, session: string): Promise<void> {
  const { lock, allowance } = keys(settings.owner);
  const removal: Operation = { KV: { Verb: 'delete-cas', Key: allowance, Index: index } };
  await applyTransaction(client, [fence(lock, session), removal], new AbortController().signal);
}

/**
 * Writes down which cluster has this id, once.
 * @returns null, or that it is another: this one would take away what the other publishes.
 */
async function claimCluster(
  client: ConsulClient,
  owner: Owner,
  own: string,
  session: string,
  signal: AbortSignal,
): Promise<string | null> {
  const { lock, cluster } = keys(owner);
  const path = `/v1/kv/${cluster}`;
  const answer = await client.send({ method: 'GET', path, query: { raw: '', consistent: '' }, accept: [404], signal });
  if (answer.status === 404) {
    const claim: Operation = {
      KV: { Verb: 'cas', Key: cluster, Value: Buffer.from(own).toString('base64'), Index: 0 },
    };
    const outcome = await applyTransaction(client, [fence(lock, session), claim], signal);
    if (outcome.kind === 'applied') return null;
    throw new ConsulUnavailable(`claim ${cluster}`, 'somebody else was first, or the lock is lost');
  }
  if (String(answer.body) === own) return null;
  return (
    `cluster id ${owner.cluster}: found it in use by another cluster (${cluster} in Consul), expected one of ` +
    'its own. Give each cluster another --cluster-id, or delete the key where the other cluster is gone.'
  );
}
