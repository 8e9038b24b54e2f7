import { inject } from 'vitest';
import { onNginx, startNginx } from '../conformance/nginx-driver.ts';
import { describeConformance } from './conformance.ts';

const cluster = inject('cluster');
const edge = 'nginx';

describeConformance({
  edge,
  start: (world) => startNginx(cluster, world, edge),
  own: (world) => onNginx(world, edge),
});
