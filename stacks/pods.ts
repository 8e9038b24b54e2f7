import { defineEnvironment } from '../components/model/define.ts';
import { podRouted } from './apps/pod-routed.ts';

/**
 * The embedded cluster with routers that call pods themselves, a public one behind the load balancer and a private one
 * beside it for callers inside the cluster: `edgeplane up --stack pods`.
 */
export const environment = defineEnvironment({
  name: 'pods',
  kind: 'local',
  edge: 'pods',
  privateDoor: true,
  exposure: { loadBalancer: { clientAddress: 'preserved' } },
  namespace: 'pods',
  unknownHost: 'close',
});

export const apps = podRouted('edgeplane.test', 'k8s.local');
