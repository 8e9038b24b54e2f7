import { onNginx, startNginx } from '../conformance/nginx-driver.ts';
import { describeConformance } from './conformance.ts';
import { sharedCluster } from './shared-cluster.ts';

const cluster = sharedCluster();
const edge = 'nginx';

describeConformance({
  edge,
  start: (world) => startNginx(cluster, world, edge),
  own: (world) => onNginx(world, edge),
});
