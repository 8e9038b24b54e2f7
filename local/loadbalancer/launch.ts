import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cluster, inside } from '../cluster.ts';
import { certificateTexts } from '../pki.ts';
import { type Daemon, ensureDaemon, waitFor } from '../process.ts';
import type { BalancerSettings } from './daemon.ts';
import { proxyFiles, runningDigest } from './proxy.ts';

const daemonName = 'load-balancer';

const folderOf = (cluster: Cluster) => join(cluster.paths.run, 'load-balancer');

/** The process of the load balancer of a cluster: in the router's network, with a client certificate of its own. */
function loadBalancerDaemon(cluster: Cluster): Daemon {
  const { topology, paths } = cluster;
  const pki = (name: string) => join(paths.pki, name);
  const settings: BalancerSettings = {
    api: {
      host: topology.controlPlane.address,
      port: topology.controlPlane.apiPort,
      caFile: pki('ca.crt'),
      certFile: pki('load-balancer.crt'),
      keyFile: pki('load-balancer.key'),
    },
    pool: topology.outside.loadBalancerPool,
    folder: folderOf(cluster),
  };
  const program = [process.execPath, '--require', require.resolve('tsx/cjs'), join(__dirname, 'daemon.ts')];
  return {
    name: daemonName,
    command: [...inside(topology.router), ...program, JSON.stringify(settings)],
    inputs: [digestOfSources(), ...certificateTexts(paths, ['ca', 'load-balancer'])],
  };
}

/** A change of the load balancer's own code restarts it. */
function digestOfSources(): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(__dirname).toSorted()) hash.update(readFileSync(join(__dirname, name)));
  return hash.digest('hex');
}

/**
 * Starts or adopts the load balancer and waits until its haproxy runs. The API server must answer, and know the role
 * of the user `edgeplane:load-balancer`.
 * @throws DaemonFailed with the end of its log.
 */
export async function ensureLoadBalancer(cluster: Cluster): Promise<void> {
  await ensureDaemon(cluster, loadBalancerDaemon(cluster));
  const files = proxyFiles(folderOf(cluster));
  await waitFor(cluster, [daemonName], { ready: async () => (await runningDigest(files)) !== undefined });
}
