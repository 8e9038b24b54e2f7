import { prepare } from '../../../local/prepare.ts';
import { shapeOf } from '../../../local/topology.ts';
import { clusterName, surroundings } from '../cluster.ts';

/** These suites start etcd themselves: what a cluster asks of the machine is asked here too, and under CI installed. */
export async function setup(): Promise<void> {
  await prepare(shapeOf(clusterName, 2, 2), surroundings());
}
