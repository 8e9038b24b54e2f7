import { defineEnvironment } from '../components/model/define.ts';
import { nodejsEnv, twoDoors } from './apps/pod-routed.ts';

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

/** Beside a key no route is open, so the app with keys has a namespace of its own. */
export const apps = [
  ...nodejsEnv('edgeplane.test'),
  ...twoDoors('edgeplane.test', 'k8s.local').map((app) => ({ ...app, namespace: 'doors' })),
];
