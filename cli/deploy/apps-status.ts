import type { ClusterPaths } from '../../local/cluster.ts';
import { connect } from '../../local/kube.ts';
import { readRecord } from '../../local/record.ts';
import { layOut } from '../../local/topology.ts';
import { readKept } from './apply.ts';
import { clusterApi } from './cluster-api.ts';
import { isReady, type ServiceState, type WorkloadState } from './pending.ts';
import { type ResultRow, resultRows, wrongs } from './results.ts';
import { tryRoutes } from './try-routes.ts';

/** One app as `status` shows it. */
export interface AppRow {
  readonly app: string;
  readonly ready: 'yes' | 'no';
}

/** The apps that `up` deployed. */
export interface AppsStatus {
  readonly apps: readonly AppRow[];
  readonly routes: readonly ResultRow[];
  /** Every app is ready and every route answers as it is meant to. */
  readonly fine: boolean;
}

interface List<T> {
  readonly items: readonly T[];
}

const own = 'labelSelector=app.kubernetes.io/managed-by=edgeplane';

/** Looks at what was deployed, and tries each route once. Changes nothing. */
export async function readApps(paths: ClusterPaths, signal: AbortSignal): Promise<AppsStatus> {
  const record = await readRecord(paths);
  if (record === undefined) return { apps: [], routes: [], fine: true };
  const kube = connect(layOut(record.shape, record.plan), paths);
  try {
    const all = async (plural: string, kind: WorkloadState['kind']) => {
      const list = (await kube.get(`/apis/apps/v1/${plural}?${own}`)) as List<WorkloadState>;
      return list.items.map((item) => ({ ...item, kind }));
    };
    const workloads = [...(await all('deployments', 'Deployment')), ...(await all('daemonsets', 'DaemonSet'))];
    const apps = workloads.map((workload): AppRow => {
      const { namespace, name } = workload.metadata;
      return { app: `${namespace}/${name}`, ready: isReady(workload) ? 'yes' : 'no' };
    });
    const api = clusterApi(kube);
    const kept = await readKept(api);
    if (kept === undefined) return { apps, routes: [], fine: true };
    const services = (await kube.get(`/api/v1/namespaces/${kept.edgeNamespace}/services`)) as List<ServiceState>;
    const [address] = services.items.flatMap(({ status }) => status?.loadBalancer?.ingress?.[0]?.ip ?? []);
    if (address === undefined) return { apps, routes: [], fine: false };
    const results = await tryRoutes(api, kept.probes, { address, signal, patienceMs: 0 });
    const fine = apps.every(({ ready }) => ready === 'yes') && results.every((one) => wrongs(one).length === 0);
    return { apps, routes: resultRows(address, results), fine };
  } finally {
    kube.close();
  }
}
