import type { Service, ServicePort } from 'kubernetes-types/core/v1';
import { type AppMetadata, annotation, appNameLabel } from '../metadata.ts';
import type { KubeObject } from '../output.ts';
import type { AppPlan, PortPlan, ServicePlan } from '../plan.ts';
import { transport } from './container.ts';

/** The Service of an app. `openReasons`: why its open routes ask nobody. */
export function serviceObject(
  metadata: AppMetadata,
  app: AppPlan,
  service: ServicePlan,
  openReasons: readonly string[],
): KubeObject {
  const open = openReasons.length === 0 ? {} : { [annotation.openReason]: openReasons.join('; ') };
  const object = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(service.name, { ...service.annotations, ...open }),
    spec: {
      type: service.type === 'Headless' ? 'ClusterIP' : service.type,
      ...(service.type === 'Headless' ? { clusterIP: 'None' } : {}),
      selector: { [appNameLabel]: app.name },
      ports: service.ports.map(servicePort),
      ...(service.sessionAffinity === 'None' ? {} : { sessionAffinity: service.sessionAffinity }),
      ...(service.externalTrafficPolicy === null ? {} : { externalTrafficPolicy: service.externalTrafficPolicy }),
      ...(service.sourceRanges.length === 0 ? {} : { loadBalancerSourceRanges: [...service.sourceRanges] }),
    },
  } satisfies Service;
  return object;
}

function servicePort({ name, servicePort: port, protocol, nodePort }: PortPlan): ServicePort {
  const appProtocol = applicationProtocol(protocol);
  return {
    name,
    port,
    protocol: transport(protocol),
    targetPort: name,
    ...(appProtocol === null ? {} : { appProtocol }),
    ...(nodePort === null ? {} : { nodePort }),
  };
}

/** Values of KEP-3726 that edges read; null where nothing needs saying. */
function applicationProtocol(protocol: PortPlan['protocol']): string | null {
  switch (protocol) {
    case 'h2c':
      return 'kubernetes.io/h2c';
    case 'https':
      return 'https';
    case 'http':
    case 'tcp':
    case 'udp':
      return null;
    default:
      return protocol satisfies never;
  }
}
