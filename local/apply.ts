import type { Addon } from './addons.ts';
import type { Cluster } from './cluster.ts';
import { ApiFailed, type KubeApi } from './kube.ts';
import { waitFor } from './process.ts';

/**
 * Applies an object, again where no answer came or the API server was at fault: it has only just begun.
 * @throws ApiFailed when it refuses the object. DaemonFailed when it takes it not in time.
 */
export async function applyAddon(cluster: Cluster, api: KubeApi, { path, object }: Addon): Promise<void> {
  let refusal: ApiFailed | undefined;
  const applied = async () => {
    refusal = await api.apply(path, object).then(() => undefined, refusalOf);
    return true;
  };
  await waitFor(cluster, ['etcd', 'kube-apiserver'], { ready: applied });
  if (refusal) throw refusal;
}

/** The error itself where asking again would not help; throws it on otherwise. */
function refusalOf(error: unknown): ApiFailed {
  if (error instanceof ApiFailed && error.status < 500 && error.status !== 429) return error;
  throw error;
}
