import type { Clock } from '../loop/clock.ts';
import type { Log } from '../loop/log.ts';
import { type ConsulClient, createConsulClient } from './consul/client.ts';
import { startLock } from './consul/lock.ts';
import { fence } from './consul/operation.ts';
import { readActual } from './consul/read.ts';
import type { Flags } from './flags.ts';
import { keys } from './keys.ts';
import type { Desired } from './model.ts';
import { plan } from './plan.ts';
import { unitsOf } from './units.ts';
import { writeUnits } from './write.ts';

/** The lock is waited for this long: a publisher that still runs must be stopped first. */
const lockWaitMs = 60_000;

const nothing: Desired = { nodes: new Map(), registrations: new Map(), refused: [], warnings: [] };

/**
 * Takes away what this owner published, and nothing else: for the day it is uninstalled.
 * @returns 0 when nothing of it is left, 3 when something is.
 */
export async function removeAll(
  flags: Flags,
  { instance, clock, log }: { readonly instance: string; readonly clock: Clock; readonly log: Log },
): Promise<number> {
  const client = createConsulClient(flags.consul);
  const held = new AbortController();
  const key = keys(flags.settings.owner).lock;
  const lock = startLock({ client, key, identity: instance, clock, log, onHeld: () => held.abort() });
  try {
    await clock.sleep(lockWaitMs, held.signal);
    const session = lock.session();
    if (session === null)
      throw new Error(`${key}: somebody else holds the lock, expected no other publisher. Stop it.`);
    return (await sweep(flags, client, session, log)) ? 0 : 3;
  } catch (error) {
    log('error', 'failed', { message: error instanceof Error ? error.message : String(error) });
    return 3;
  } finally {
    await lock.stop();
    client.close();
  }
}

/** Instances first, then the nodes that carry nothing any more. */
async function sweep({ settings }: Flags, client: ConsulClient, session: string, log: Log): Promise<boolean> {
  const { owner } = settings;
  const { signal } = new AbortController();
  for (let round = 0; round < 2; round += 1) {
    const units = unitsOf(plan(nothing, await readActual(client, owner, signal), { owner, joinsForeign: false }));
    const context = { client, fence: fence(keys(owner).lock, session), onWritten: () => undefined, signal };
    const failures = await writeUnits(units, context);
    for (const { label, detail } of failures) log('error', 'itemFailed', { item: label, detail: detail.slice(0, 200) });
    if (failures.length > 0) return false;
    log('info', 'removed', { items: units.length });
  }
  return true;
}
