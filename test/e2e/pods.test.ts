import { inject } from 'vitest';
import { startPods } from '../conformance/pods-driver.ts';
import { describeConformance } from './conformance.ts';

const cluster = inject('cluster');

describeConformance({ edge: 'pods', start: (world) => startPods(cluster, world) });
