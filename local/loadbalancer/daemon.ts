/**
 * The load balancer's process. Runs in the router's network namespace; every second it compares what the API server
 * says with what is, and mends the difference. When the API server is away, what was decided last goes on.
 */
import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiSettings, type BalancerApi, connectApi } from './api.ts';
import { type Decision, decide, type Refusal } from './decide.ts';
import { encodeHaproxy } from './haproxy.ts';
import { serviceKey } from './model.ts';
import { observeNode, observeService } from './observe.ts';
import { ensureProxy, type ProxyFiles, proxyFiles } from './proxy.ts';
import { addAddresses, ensureReturnPath, presentAddresses, removeAddresses } from './router.ts';

/** The one argument of the process, as JSON. */
export interface BalancerSettings {
  readonly api: ApiSettings;
  readonly pool: readonly string[];
  /** For haproxy's files; made when missing. */
  readonly folder: string;
}

const intervalMs = 1_000;
/** haproxy checks every server once within this time after it appeared. */
const firstCheckMs = 1_000;

interface Balancer {
  readonly api: BalancerApi;
  readonly settings: BalancerSettings;
  readonly files: ProxyFiles;
  /** Writes a line when it differs from the last one on its subject; `undefined` says that all is well again. */
  readonly report: (subject: string, problem: string | undefined) => void;
  /** Refusals that have been told, by Service and message. */
  readonly told: Set<string>;
}

async function observe({ api, settings }: Balancer): Promise<Decision> {
  const [services, nodes] = await Promise.all([api.services(), api.nodes()]);
  return decide(services.map(observeService), nodes.flatMap(observeNode), settings.pool);
}

/**
 * An address answers before haproxy binds it and until haproxy has let it go. It is over when new servers have been
 * checked once, so that an address is published when it serves.
 */
async function serve({ settings, files }: Balancer, decision: Decision): Promise<void> {
  const present = await presentAddresses(settings.pool);
  await addAddresses(decision.addresses.filter((address) => !present.includes(address)));
  const changed = await ensureProxy(files, encodeHaproxy(decision.frontends, files));
  await removeAddresses(present.filter((address) => !decision.addresses.includes(address)));
  if (changed) await sleep(firstCheckMs);
}

async function publish(balancer: Balancer, decision: Decision): Promise<void> {
  for (const { service, ingress } of decision.statuses) {
    const subject = `status of ${serviceKey(service)}`;
    await attempt(balancer, subject, () => balancer.api.setIngress(service, ingress));
  }
  await tell(balancer, decision.refusals);
}

async function tell(balancer: Balancer, refusals: readonly Refusal[]): Promise<void> {
  const keyOf = ({ service, message }: Refusal) => `${service.uid} ${message}`;
  const current = new Set(refusals.map(keyOf));
  for (const old of balancer.told) if (!current.has(old)) balancer.told.delete(old);
  for (const refusal of refusals) {
    if (balancer.told.has(keyOf(refusal))) continue;
    await attempt(balancer, `event on ${serviceKey(refusal.service)}`, async () => {
      await balancer.api.warn(refusal.service, refusal.message, new Date());
      balancer.told.add(keyOf(refusal));
    });
  }
}

/** Does one thing; a failure is reported and left for the next round. */
async function attempt<T>(balancer: Balancer, subject: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    const result = await work();
    balancer.report(subject, undefined);
    return result;
  } catch (error) {
    balancer.report(subject, error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

function createReport(): Balancer['report'] {
  const last = new Map<string, string>();
  return (subject, problem) => {
    if (last.get(subject) === problem) return;
    if (problem === undefined) last.delete(subject);
    else last.set(subject, problem);
    process.stderr.write(`${new Date().toISOString()} ${subject}: ${problem ?? 'well again'}\n`);
  };
}

/** Goes on until the process is ended. haproxy is left running, so that replacing this process cuts nobody off. */
async function balance(settings: BalancerSettings): Promise<never> {
  await mkdir(settings.folder, { recursive: true, mode: 0o700 });
  const balancer: Balancer = {
    api: connectApi(settings.api),
    settings,
    files: proxyFiles(settings.folder),
    report: createReport(),
    told: new Set(),
  };
  let decision: Decision | undefined;
  for (;;) {
    const seen = await attempt(balancer, 'reading Services and nodes', () => observe(balancer));
    decision = seen ?? decision;
    if (decision !== undefined) {
      const wanted = decision;
      const served = await attempt(balancer, 'serving', async () => {
        await ensureReturnPath();
        await serve(balancer, wanted);
        return true;
      });
      if (served && seen !== undefined) await publish(balancer, seen);
    }
    await sleep(intervalMs);
  }
}

void balance(JSON.parse(process.argv[2] ?? '') as BalancerSettings);
