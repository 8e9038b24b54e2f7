import { hash as digest } from 'node:crypto';
import type { Service } from 'kubernetes-types/core/v1';
import { type TraefikTag, tagsFit, writeTagAnnotations } from '../../../dialects/traefik-tags.ts';
import { annotation, appNameLabel } from '../../metadata.ts';
import { nameFor } from '../../names.ts';
import type { KubeObject } from '../../output.ts';
import type { AppPlan, PortPlan, RoutePlan } from '../../plan.ts';
import { groupBy } from '../../resolve/grouping.ts';
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

/** Far more Services than the routes of one app need. */
const mostParts = 1024;

/**
 * Routes in parts that each fit into one Service, by the index of that Service. A publisher refuses a Service with more.
 * The name of a route says which part it is in, so that none moves to another Service because routes come or go: until
 * both Services are applied, the younger would be refused for what the older still says. Only when there have to be twice
 * as many parts, half of each moves to a new one.
 */
export function packRoutes(
  routes: readonly RoutePlan[],
  tags: TagsByRoute,
): readonly Pick<Publication, 'index' | 'routes' | 'tags'>[] {
  for (let count = 1; ; count *= 2) {
    const byPart = groupBy(routes, ({ id }) => partOf(id, count));
    const parts = Array.from({ length: count }, (_, index) => {
      const own = byPart.get(String(index)) ?? [];
      return { index, routes: own, tags: own.flatMap(({ id }) => tags.get(id) ?? []) };
    });
    if (count >= mostParts || parts.every((part) => tagsFit([enabled, ...part.tags])))
      return parts.filter((part) => part.routes.length > 0);
  }
}

function partOf(id: string, count: number): string {
  return String(digest('sha256', id, 'buffer').readUInt32BE(0) % count);
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
