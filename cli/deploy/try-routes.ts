import { setMaxListeners } from 'node:events';
import { request as plainRequest, type RequestOptions } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterApi } from './cluster-api.ts';
import { type Answered, type Credential, credentialHeaders, type Probe } from './probes.ts';
import { type ProbeResult, wrongs } from './results.ts';
import { secretData } from './secret-values.ts';

/** How routes are tried. */
export interface Trying {
  /** Where the edge is reached. */
  readonly address: string;
  readonly signal: AbortSignal;
  /** A wrong answer is asked for again so long: an edge hears of a route a moment after it was applied. 0: once. */
  readonly patienceMs: number;
}

const answerWithinMs = 10_000;
const pauseMs = 500;

/** Tries every route with and without a credential. Values are read from their Secrets and go nowhere but on the wire. */
export function tryRoutes(api: ClusterApi, probes: readonly Probe[], trying: Trying): Promise<readonly ProbeResult[]> {
  const signal = AbortSignal.any([trying.signal]);
  setMaxListeners(0, signal); // Each request listens, and there are as many as there are routes.
  return Promise.all(probes.map((probe) => tryRoute(api, probe, { ...trying, signal })));
}

async function tryRoute(api: ClusterApi, probe: Probe, trying: Trying): Promise<ProbeResult> {
  const deadline = Date.now() + trying.patienceMs;
  for (;;) {
    trying.signal.throwIfAborted();
    const result = await tryOnce(api, probe, trying);
    if (wrongs(result).length === 0 || Date.now() >= deadline) return result;
    await sleep(pauseMs, undefined, { signal: trying.signal });
  }
}

async function tryOnce(api: ClusterApi, probe: Probe, { address, signal }: Trying): Promise<ProbeResult> {
  const { credential, untried } = probe;
  if (untried !== null && credential === null && probe.without.kind === 'passes')
    return { probe, without: null, with: null };
  const without = await ask(address, probe, {}, signal);
  if (credential === null) return { probe, without, with: null };
  const headers = credentialHeaders(credential, await valuesOf(api, credential));
  return { probe, without, with: await ask(address, probe, headers, signal) };
}

function valuesOf(api: ClusterApi, credential: Credential): Promise<Readonly<Record<string, string>>> {
  if (credential.kind === 'token') return Promise.resolve({});
  return secretData(api, { namespace: credential.namespace, name: credential.secret });
}

/** The status of one answer, or why there is none: an error's code alone, which repeats nothing that was sent. */
function ask(
  address: string,
  { scheme, host, target, method, headers }: Probe,
  credentials: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Answered> {
  const options: RequestOptions = {
    host: address,
    method,
    path: target,
    headers: { ...headers, ...credentials, Host: host },
    agent: false,
    timeout: answerWithinMs,
    signal,
  };
  const secure = { servername: host, rejectUnauthorized: false };
  return new Promise((resolve) => {
    const sent =
      scheme === 'http' ? plainRequest({ ...options, port: 80 }) : tlsRequest({ ...options, ...secure, port: 443 });
    sent.on('response', (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
      sent.destroy();
    });
    sent.on('timeout', () => sent.destroy(Object.assign(new Error('no answer'), { code: 'no answer in time' })));
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'no answer'));
    sent.end();
  });
}
