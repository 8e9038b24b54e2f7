import { defineEnvironment } from '../components/model/define.ts';
import { admission } from './apps/admission.ts';
import { dashboards } from './apps/dashboards.ts';
import { whoami } from './apps/whoami.ts';
import { releases } from './images.ts';

/** One edge node on bare metal with its own ports, plain HTTP, for those who build the apps. */
export const environment = defineEnvironment({
  name: 'dev',
  kind: 'metal',
  edge: 'traefik',
  images: releases,
  exposure: { hostPort: {} },
  edgeNodes: { count: 1 },
  namespace: 'dev',
  tls: 'off',
  overlays: {
    'forward-auth': { replicas: 1 },
    pybackend: { replicas: 1 },
    rbackend: { replicas: 1 },
  },
});

export const apps = [
  ...admission('k8s-traefik.info'),
  ...dashboards('dashboards.dev.example.org'),
  ...whoami('whoami.dev.example.org'),
];
