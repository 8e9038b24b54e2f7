import { defineEnvironment } from '../components/model/define.ts';
import { admission } from './apps/admission.ts';
import { reports } from './apps/reports.ts';
import { whoami } from './apps/whoami.ts';
import type { CallerToken } from './stack.ts';

/** The embedded cluster on this machine, with the apps whose images are built here. */
export const environment = defineEnvironment({
  name: 'local',
  kind: 'local',
  edge: 'traefik',
  exposure: { loadBalancer: { clientAddress: 'preserved' } },
  namespace: 'apps',
  images: { 'edgeplane/gatekeeper:0.1.0': 'edgeplane.local/gatekeeper:local' },
  overlays: {
    'forward-auth': { replicas: 1 },
    pybackend: { replicas: 1 },
    rbackend: { replicas: 1 },
  },
});

export const apps = [
  ...whoami('whoami.edgeplane.test'),
  ...reports('reports.edgeplane.test'),
  ...admission('k8s-traefik.info'),
];

export const callers: Readonly<Record<string, CallerToken>> = {
  'forward-auth': { secret: 'forward-auth', key: 'token' },
  gate: { token: 'good' },
};

export const ownStacks: readonly string[] = ['reports'];
