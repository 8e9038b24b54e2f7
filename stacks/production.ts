import { defineEnvironment } from '../components/model/define.ts';
import { admission } from './apps/admission.ts';
import { dashboards } from './apps/dashboards.ts';
import { edgeImage, releases } from './images.ts';

/** Two edge nodes in two zones behind a load balancer that keeps the client's address. */
export const environment = defineEnvironment({
  name: 'production',
  production: true,
  edge: 'traefik',
  edgeImage,
  images: releases,
  exposure: { loadBalancer: { clientAddress: 'preserved' } },
  edgeNodes: { count: 2 },
  namespace: 'admission',
  domains: ['example.org'],
  unknownHost: '404',
  tls: { issuer: 'letsencrypt' },
  dns: true,
  dnsTarget: 'edge.example.org',
  overlays: {
    pybackend: { replicas: 3 },
    rbackend: { autoscale: { min: 3, max: 10 } },
  },
});

export const apps = [...admission('admission.example.org'), ...dashboards('dashboards.example.org')];
