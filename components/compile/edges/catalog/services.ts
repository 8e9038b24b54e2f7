import type { Service } from 'kubernetes-types/core/v1';
import { type TraefikTag, writeTagAnnotations } from '../../../dialects/traefik-tags.ts';
import { annotation, appNameLabel } from '../../metadata.ts';
import { nameFor } from '../../names.ts';
import type { KubeObject } from '../../output.ts';
import type { AppPlan, PortPlan, RoutePlan } from '../../plan.ts';
import type { Metadata } from '../traefik/context.ts';

/** Routes that lead to one port of one app, and what Traefik is to know of them. */
export interface Publication {
  readonly target: AppPlan;
  readonly port: PortPlan;
  readonly routes: readonly RoutePlan[];
  readonly tags: readonly TraefikTag[];
}

type Meta = (name: string, annotations: Readonly<Record<string, string>>) => Metadata;

/**
 * The Service that is published to the catalog: a port of every node, with the routes as its annotations. Each node
 * forwards to every pod, in its own name. With the traffic policy `Local` a node would forward what comes from a pod,
 * as the edge is, to other nodes without a name of its own, and the answer would reach nobody.
 */
export function catalogService(app: AppPlan, { target, port, routes, tags }: Publication, meta: Meta): KubeObject {
  const written = writeTagAnnotations([{ key: 'enable', value: 'true' }, ...tags]);
  if (!written.ok) throw new Error(`tags of ${app.namespace}/${app.name}: ${written.findings[0]?.found}`);
  const open = [
    ...new Set(routes.flatMap(({ protection }) => (protection.kind === 'open' ? [protection.reason] : []))),
  ];
  const identity = [app.namespace, app.name, target.name, port.name];
  const name = nameFor(app.name === target.name ? `${app.name}-${port.name}` : `${app.name}-${target.name}`, identity);
  const object = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: meta(name, {
      ...(open.length === 0 ? {} : { [annotation.openReason]: open.join('; ') }),
      ...written.annotations,
    }),
    spec: {
      type: 'NodePort',
      externalTrafficPolicy: 'Cluster',
      selector: { [appNameLabel]: target.name },
      ports: [{ name: port.name, port: port.servicePort, protocol: 'TCP', targetPort: port.name }],
    },
  } satisfies Service;
  return object;
}
