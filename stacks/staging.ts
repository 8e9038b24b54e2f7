import { defineEnvironment } from '../components/model/define.ts';
import { admission } from './apps/admission.ts';
import { dashboards } from './apps/dashboards.ts';
import { edgeImage, releases } from './images.ts';

/** Production at a smaller size: same edge, same exposure, certificates of the issuer's staging side. */
export const environment = defineEnvironment({
  name: 'staging',
  edge: 'traefik',
  edgeImage,
  images: releases,
  exposure: { loadBalancer: { clientAddress: 'preserved' } },
  namespace: 'staging',
  domains: ['staging.example.org'],
  tls: { issuer: 'letsencrypt-staging' },
  dns: true,
  dnsTarget: 'edge.staging.example.org',
});

export const apps = [...admission('admission.staging.example.org'), ...dashboards('dashboards.staging.example.org')];
