import { defineEnvironment } from '../components/model/define.ts';
import { internalTools } from './apps/internal-tools.ts';
import { edgeImage, releases } from './images.ts';

/**
 * The door for the company alone: Services published to Consul, served on an address of the private network. It may stand
 * in one cluster with a public edge; neither sees the other's routes.
 */
export const environment = defineEnvironment({
  name: 'internal',
  edge: 'catalog',
  edgeImage,
  images: releases,
  catalog: { consul: 'consul-server.consul.svc:8501', scheme: 'https', caSecret: 'consul-ca' },
  exposure: {
    loadBalancer: {
      address: '10.132.0.10',
      clientAddress: 'preserved',
      sourceRanges: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
      annotations: { 'networking.gke.io/load-balancer-type': 'Internal' },
    },
  },
  edgeNodes: { count: 2 },
  namespace: 'tools',
  domains: ['internal.example.org'],
  tls: { issuer: 'internal-ca' },
});

export const apps = internalTools('internal.example.org');
