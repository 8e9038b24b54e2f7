import { defineEnvironment } from '../components/model/define.ts';
import { whoami } from './apps/whoami.ts';

/** The embedded cluster on this machine, with the apps whose images are built here. */
export const environment = defineEnvironment({
  name: 'local',
  kind: 'local',
  edge: 'traefik',
  exposure: { loadBalancer: { clientAddress: 'preserved' } },
  namespace: 'apps',
});

export const apps = whoami('whoami.edgeplane.test');
