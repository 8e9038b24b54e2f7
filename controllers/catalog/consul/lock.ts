import { z } from 'zod';
import type { Clock } from '../../loop/clock.ts';
import type { Log } from '../../loop/log.ts';
import type { ConsulClient } from './client.ts';

/** Options of a lock. */
export interface LockOptions {
  readonly client: ConsulClient;
  /** The key that is locked. */
  readonly key: string;
  /** Told to people who look at the session. */
  readonly identity: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Called after the lock was got. */
  readonly onHeld: () => void;
  /** @default {@link lockTiming} */
  readonly timing?: LockTiming;
}

/** Milliseconds. */
export interface LockTiming {
  /** Consul ends a session between once and twice this time after its last renewal; it takes no less than 10 s. */
  readonly ttlMs: number;
  /** Between two renewals. */
  readonly renewMs: number;
  /** Between two looks at a lock that somebody else has. */
  readonly lookMs: number;
}

export const lockTiming: LockTiming = { ttlMs: 10_000, renewMs: 3_000, lookMs: 2_000 };

/**
 * Which of several publishers writes. It is a lock in Consul itself, not a Lease in Kubernetes, because a transaction
 * can ask for it at the moment it writes: one that was paused for minutes and wakes up writes nothing.
 */
export interface Lock {
  /** The session that holds the lock, as far as is known; null while it does not. */
  readonly session: () => string | null;
  /** null once Consul has answered; else why not. */
  readonly unready: () => string | null;
  /** A transaction has said that the lock is not held. */
  readonly lost: () => void;
  /** Gives the lock up, so that another publisher need not wait. */
  readonly stop: () => Promise<void>;
}

const sessionShape = z.object({ ID: z.string() });
const entryShape = z.array(z.object({ Session: z.string().optional() }));

export function startLock(options: LockOptions): Lock {
  const { clock, log, timing = lockTiming } = options;
  const stopped = new AbortController();
  const state: LockState = { session: null, held: false, freshMs: Number.NEGATIVE_INFINITY, answered: false };
  const lose = (why: string) => {
    if (state.held) log('error', 'lockLost', { why });
    state.held = false;
    state.session = null;
  };
  const turn = async () => {
    try {
      await step(state, options, lose);
      state.answered = true;
    } catch (error) {
      if (stopped.signal.aborted) return;
      log('error', 'lockFailed', { message: error instanceof Error ? error.message : String(error) });
      // Nothing is written without Consul, and the fence would hold it up: the session may still be good.
      if (clock.monotonicMs() - state.freshMs > 2 * timing.ttlMs) lose('not renewed in time');
    }
  };
  const run = async () => {
    while (!stopped.signal.aborted) {
      await turn();
      const waitMs = (state.held ? timing.renewMs : timing.lookMs) * (0.9 + clock.random() * 0.2);
      await clock.sleep(waitMs, stopped.signal);
    }
  };
  const running = run();
  return {
    session: () => (state.held ? state.session : null),
    unready: () => (state.answered ? null : 'Consul has not answered yet'),
    lost: () => lose('a transaction was refused'),
    async stop() {
      stopped.abort();
      await running;
      if (state.session !== null) await destroy(options.client, state.session);
    },
  };
}

interface LockState {
  session: string | null;
  held: boolean;
  /** When the last renewal that succeeded was sent; monotonic. */
  freshMs: number;
  answered: boolean;
}

async function step(state: LockState, options: LockOptions, lose: (why: string) => void): Promise<void> {
  const { client, clock, key, log, identity } = options;
  const sentMs = clock.monotonicMs();
  if (state.session === null) state.session = await createSession(options);
  else if (!(await renew(client, state.session))) return lose('the session has ended');
  state.freshMs = sentMs;
  if (state.held || !(await isFree(client, key))) return;
  const session = state.session;
  const got = await client.send({
    method: 'PUT',
    path: keyPath(key),
    query: { acquire: session },
    body: { holder: identity },
  });
  if (got.body !== true || state.session !== session) return;
  state.held = true;
  log('info', 'lockHeld', { key });
  options.onHeld();
}

/** Without checks: a restart of the agent that was asked must not end the session. */
async function createSession({ client, identity, timing = lockTiming }: LockOptions): Promise<string> {
  const body = {
    Name: `edgeplane catalog ${identity}`,
    TTL: `${Math.round(timing.ttlMs / 1_000)}s`,
    Behavior: 'release',
    // Each write is checked against the lock, so nobody need wait for those of a holder that is gone.
    LockDelay: '0s',
    Checks: [],
    NodeChecks: [],
  };
  return sessionShape.parse((await client.send({ method: 'PUT', path: '/v1/session/create', body })).body).ID;
}

/** Whether the session is still there. */
async function renew(client: ConsulClient, session: string): Promise<boolean> {
  const { status } = await client.send({ method: 'PUT', path: `/v1/session/renew/${session}`, accept: [404] });
  return status === 200;
}

/** An attempt to lock is a write in Consul even when it fails; looking is none. */
async function isFree(client: ConsulClient, key: string): Promise<boolean> {
  const answer = await client.send({ method: 'GET', path: keyPath(key), query: { consistent: '' }, accept: [404] });
  if (answer.status === 404) return true;
  return (entryShape.parse(answer.body)[0]?.Session ?? '') === '';
}

/** One that cannot be destroyed ends by itself. */
async function destroy(client: ConsulClient, session: string): Promise<void> {
  await client.send({ method: 'PUT', path: `/v1/session/destroy/${session}` }).catch(() => undefined);
}

const keyPath = (key: string) => `/v1/kv/${key.split('/').map(encodeURIComponent).join('/')}`;
