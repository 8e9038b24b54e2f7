import { isHttpRoute, readHttpRoute } from './http-route.ts';
import { isIngress, type RegexHosts, readIngress, regexHosts } from './ingress.ts';
import { type ObjectReading, readIngressRoute } from './ingress-route.ts';
import { isGateway, isTraefik, type KnownObjects, knownObjects } from './known-objects.ts';
import { type FoundObject, foundObjects, type ObjectSource } from './kube-object.ts';
import type { Reading } from './read-route.ts';

/**
 * The routes that Kubernetes objects say: Ingress, IngressRoute and HTTPRoute, with the Middlewares, Services,
 * TraefikServices and Gateways they refer to. Objects of other kinds are counted. Never throws, whatever the objects hold.
 * @param complete nothing exists beside these objects, as in a cluster: a Service that is not among them is missing
 */
export function readObjects(sources: readonly ObjectSource[], complete = false): Reading {
  const objects = foundObjects(sources);
  const known = knownObjects(objects, complete);
  const regex = regexHosts(objects);
  const readings: ObjectReading[] = [];
  const ignored: Record<string, number> = {};
  for (const object of objects) {
    const reading = readObject(object, known, regex);
    if (reading !== null) readings.push(reading);
    else if (!isReferredTo(object)) ignored[object.kind] = (ignored[object.kind] ?? 0) + 1;
  }
  return {
    routes: readings.flatMap(({ routes }) => routes),
    guards: readings.flatMap(({ guards }) => guards),
    notes: readings.flatMap(({ notes }) => notes),
    ignored,
  };
}

function readObject(object: FoundObject, known: KnownObjects, regex: RegexHosts): ObjectReading | null {
  const { apiVersion, kind } = object;
  if (kind === 'IngressRoute' && isTraefik(apiVersion)) return readIngressRoute(object, known);
  if (isIngress(object)) return readIngress(object, known, regex);
  if (isHttpRoute(object)) return readHttpRoute(object, known);
  return null;
}

/** Kinds that are read where a route refers to them. */
function isReferredTo({ kind, apiVersion }: FoundObject): boolean {
  return (
    ((kind === 'Middleware' || kind === 'TraefikService') && isTraefik(apiVersion)) ||
    (kind === 'Service' && apiVersion === 'v1') ||
    isGateway({ kind, apiVersion })
  );
}
