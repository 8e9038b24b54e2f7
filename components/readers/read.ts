import { withInheritance } from './canaries.ts';
import { isHttpRoute, readHttpRoute } from './http-route.ts';
import { type IngressWorld, ingressWorld, isIngress, readIngress } from './ingress.ts';
import { readIngressRoute } from './ingress-route.ts';
import { isGateway, isTraefik, knownObjects, type ReadOptions } from './known-objects.ts';
import { type FoundObject, foundObjects, type ObjectSource } from './kube-object.ts';
import type { ObjectReading, Reading } from './read-route.ts';
import { withRivals } from './rivals.ts';
import { isUnreadRouteKind } from './tables/other-kinds.ts';

/**
 * The routes that Kubernetes objects say: Ingress, IngressRoute and HTTPRoute, with the objects that they refer to. A
 * route asks only where everything that bears on it was understood (`answerOf`). Objects of other kinds are counted, those
 * that route requests apart. Never throws, whatever the objects hold.
 */
export function readObjects(sources: readonly ObjectSource[], options: ReadOptions = {}): Reading {
  const objects = foundObjects(sources);
  const world = ingressWorld(objects, knownObjects(objects, options));
  const readings: ObjectReading[] = [];
  const ignored: FoundObject[] = [];
  for (const object of objects) {
    const reading = readObject(object, world);
    if (reading !== null) readings.push(reading);
    else if (!isReferredTo(object)) ignored.push(object);
  }
  return {
    routes: withRivals(withInheritance(readings.flatMap(({ routes }) => routes))),
    guards: readings.flatMap(({ guards }) => guards),
    notes: readings.flatMap(({ notes }) => notes),
    ignored: countByKind(ignored.filter((object) => !isUnreadRouteKind(object))),
    unread: countByKind(ignored.filter(isUnreadRouteKind)),
  };
}

function countByKind(objects: readonly FoundObject[]): Readonly<Record<string, number>> {
  const count: Record<string, number> = {};
  for (const { kind } of objects) count[kind] = (count[kind] ?? 0) + 1;
  return count;
}

function readObject(object: FoundObject, world: IngressWorld): ObjectReading | null {
  const { apiVersion, kind } = object;
  if (kind === 'IngressRoute' && isTraefik(apiVersion)) return readIngressRoute(object, world.known);
  if (isIngress(object)) return readIngress(object, world);
  if (isHttpRoute(object)) return readHttpRoute(object, world.known);
  return null;
}

/** Kinds that are read where a route refers to them. */
function isReferredTo({ kind, apiVersion }: FoundObject): boolean {
  return (
    (['Middleware', 'TraefikService', 'TLSOption'].includes(kind) && isTraefik(apiVersion)) ||
    (kind === 'Service' && apiVersion === 'v1') ||
    kind === 'IngressClass' ||
    isGateway({ kind, apiVersion }) ||
    (['GatewayClass', 'ReferenceGrant'].includes(kind) && apiVersion.startsWith('gateway.networking.k8s.io/'))
  );
}
