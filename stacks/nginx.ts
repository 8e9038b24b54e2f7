import { defineEnvironment } from '../components/model/define.ts';
import { webServers } from './apps/web-servers.ts';
import { whoami } from './apps/whoami.ts';

/**
 * The embedded cluster with Ingresses behind a load balancer that knows nothing above TCP, served by our controller:
 * `edgeplane up --stack nginx`. With servedBy traefik the same Ingresses need no new controller, less the rewrites.
 */
export const environment = defineEnvironment({
  name: 'nginx',
  kind: 'local',
  edge: 'nginx',
  servedBy: 'controller',
  exposure: { loadBalancer: { clientAddress: 'preserved' } },
  namespace: 'web',
  images: { 'edgeplane/gatekeeper:0.1.0': 'edgeplane.local/gatekeeper:local' },
});

export const apps = [...webServers('web.edgeplane.test'), ...whoami('whoami.edgeplane.test')];

export const callers = { gate: { token: 'good' } } as const;
