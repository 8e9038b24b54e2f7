import type { CompileOutcome } from '../../components/compile/compile.ts';
import { wantedSecrets } from '../../components/compile/wanted-secrets.ts';
import { pinImages } from '../../local/images/reference.ts';
import { connect } from '../../local/kube.ts';
import type { RunningCluster } from '../../local/life.ts';
import { withLock } from '../../local/lock.ts';
import { ExitError, exitCodes } from '../exit-codes.ts';
import type { LocalSurroundings } from '../surroundings.ts';
import { type Applied, applyAll, readKept } from './apply.ts';
import { clusterApi } from './cluster-api.ts';
import { bringImages } from './images.ts';
import type { ServiceState } from './pending.ts';
import { type Callers, goneProbes, type Probe, probesOf } from './probes.ts';
import { type ProbeResult, wrongs } from './results.ts';
import { tryRoutes } from './try-routes.ts';
import { readState, waitUntilReady } from './wait.ts';

/** What is to run: a stack that compiled, and what its forward auth lets pass. */
export interface Deployment {
  readonly compiled: Extract<CompileOutcome, { readonly ok: true }>;
  readonly callers: Callers;
}

/** What runs now. */
export interface DeployResult {
  /** Where the edge is reached. */
  readonly address: string;
  readonly applied: Applied;
  readonly probes: readonly Probe[];
  /** Of every route, and of former ones that still answer. */
  readonly results: readonly ProbeResult[];
}

/** Long enough for a key that was added to a mounted Secret to reach its pods. */
const patienceMs = 150_000;

/**
 * Brings what compiled to a running cluster: images, objects, Secrets; waits until all is ready and tries every route.
 * Safe to repeat and to cut off.
 * @throws ExitError when something is not ready in time; Locked when another deploys; the signal's reason.
 */
export function deploy(
  deployment: Deployment,
  cluster: RunningCluster,
  around: LocalSurroundings,
): Promise<DeployResult> {
  return withLock(`${cluster.paths.state}.apps.lock`, {}, () => deployAlone(deployment, cluster, around));
}

/** Two at once would each remove what the other brings. */
async function deployAlone(
  { compiled, callers }: Deployment,
  cluster: RunningCluster,
  around: LocalSurroundings,
): Promise<DeployResult> {
  const { plan, acceptedLosses } = compiled;
  const { signal } = around;
  const all = compiled.groups.flatMap((group) => group.objects);
  const images = await bringImages(all, cluster, around);
  const groups = pinImages(compiled.groups, images);
  const probes = probesOf(plan, callers, acceptedLosses);
  const kube = connect(cluster.topology, cluster.paths);
  try {
    const api = clusterApi(kube);
    const { edgeNamespace } = plan.environment;
    const wanted = { groups, secrets: wantedSecrets(plan), probes, edgeNamespace };
    const former = (await readKept(api))?.probes ?? [];
    const applied = await around.progress.step('objects', () => applyAll(api, wanted, signal));
    around.say(appliedWords(applied));
    const objects = groups.flatMap((group) => group.objects);
    const write = (text: string) => void process.stderr.write(text);
    const columns = () => process.stderr.columns || 80;
    const rows = () => process.stderr.rows || 24;
    const sink = { isTTY: process.stderr.isTTY === true, columns, rows, write };
    await waitUntilReady(kube, objects, { signal, sink });
    const edge = objects.filter(({ kind, metadata }) => kind === 'Service' && metadata.namespace === edgeNamespace);
    const address = addressOf((await readState(kube, edge)).services);
    const trying = { address, signal, patienceMs };
    const [results, gone] = await around.progress.step('routes', () =>
      Promise.all([tryRoutes(api, probes, trying), tryRoutes(api, goneProbes(plan, former), trying)]),
    );
    const staying = gone.filter((result) => wrongs(result).length > 0);
    return { address, applied, probes, results: [...results, ...staying] };
  } finally {
    kube.close();
  }
}

/** The address of the first of the edge's Services that has one. */
function addressOf(services: readonly ServiceState[]): string {
  const [address] = services.flatMap(({ status }) => status?.loadBalancer?.ingress?.[0]?.ip ?? []);
  if (address !== undefined) return address;
  throw new ExitError('the edge has no Service of type LoadBalancer, so it is reached nowhere', exitCodes.world);
}

/** Names that one line holds. */
const fewNames = 8;

/** What applying did, in one line: objects that are new, other or gone by name where they are few, else the workloads. */
export function appliedWords({ created, changed, removed, unchanged, generated }: Applied): string {
  const few = (what: string, names: readonly string[]) => {
    if (names.length <= fewNames) return names.length === 0 ? [] : [`${what} ${names.join(', ')}`];
    const workloads = names.filter((name) => /^(Deployment|DaemonSet) /.test(name)).slice(0, fewNames);
    return [`${names.length} ${what}${workloads.length === 0 ? '' : ` with ${workloads.join(', ')}`}`];
  };
  const parts = [...few('created', created), ...few('changed', changed), ...few('removed', removed)];
  const secrets = generated.length === 0 ? '' : `\nmade and kept: ${generated.join(', ')}`;
  const rest =
    parts.length === 0 ? `unchanged: all ${unchanged} objects` : `${parts.join('; ')}; ${unchanged} unchanged`;
  return `${rest}${secrets}`;
}
