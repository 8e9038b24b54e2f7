import { startPods } from '../conformance/pods-driver.ts';
import { describeConformance } from './conformance.ts';
import { sharedCluster } from './shared-cluster.ts';

const cluster = sharedCluster();

describeConformance({ edge: 'pods', start: (world) => startPods(cluster, world) });
