import type { Service } from 'kubernetes-types/core/v1';
import { type TraefikTag, tagsFit, writeTagAnnotations } from '../../../dialects/traefik-tags.ts';
import { annotation, appNameLabel } from '../../metadata.ts';
import { nameFor } from '../../names.ts';
import type { KubeObject } from '../../output.ts';
import type { AppPlan, PortPlan, RoutePlan } from '../../plan.ts';
import type { Metadata } from '../traefik/context.ts';
import { enabled, type TagsByRoute } from './losses.ts';

/** Routes that lead to one port of one app, and what Traefik is to know of them. */
export interface Publication {
  readonly target: AppPlan;
  readonly port: PortPlan;
  /** Which of the Services for this port it is, from 0. */
  readonly index: number;
  readonly routes: readonly RoutePlan[];
  readonly tags: readonly TraefikTag[];
}

/** Routes in parts that each fit into one Service, in their order. A publisher refuses a Service with more. */
export function packRoutes(
  routes: readonly RoutePlan[],
  tags: TagsByRoute,
): readonly Pick<Publication, 'routes' | 'tags'>[] {
  const parts: { readonly routes: RoutePlan[]; readonly tags: TraefikTag[] }[] = [];
  for (const route of routes) {
    const own = tags.get(route.id) ?? [];
    const last = parts.at(-1);
    if (last !== undefined && tagsFit([enabled, ...last.tags, ...own])) {
      last.routes.push(route);
      last.tags.push(...own);
    } else parts.push({ routes: [route], tags: [...own] });
  }
  return parts;
}

type Meta = (name: string, annotations: Readonly<Record<string, string>>) => Metadata;

/**
 * The Service that is published to the catalog: a port of every node, with the routes as its annotations. Each node
 * forwards to every pod, in its own name. With the traffic policy `Local` a node would forward what comes from a pod,
 * as the edge is, to other nodes without a name of its own, and the answer would reach nobody.
 */
export function catalogService(
  app: AppPlan,
  { target, port, index, routes, tags }: Publication,
  meta: Meta,
): KubeObject {
  const written = writeTagAnnotations([enabled, ...tags]);
  if (!written.ok) throw new Error(`tags of ${app.namespace}/${app.name}: ${written.findings[0]?.found}`);
  const open = [
    ...new Set(routes.flatMap(({ protection }) => (protection.kind === 'open' ? [protection.reason] : []))),
  ];
  const identity = [app.namespace, app.name, target.name, port.name, ...(index === 0 ? [] : [String(index)])];
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
