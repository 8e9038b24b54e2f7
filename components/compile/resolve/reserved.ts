import { routableLabel, routingNames } from '../../dialects/routing.ts';
import type { Path } from '../../model/path.ts';
import { gatekeeperName } from '../gatekeeper.ts';
import type { EnvironmentPlan, Plan } from '../plan.ts';
import { quote, type Report } from './definition.ts';
import type { Directory, Entry } from './directory.ts';

/** Namespaces of the cluster itself: an app there could take the place of a system component. */
const systemNamespaces: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease']);

/** Label and annotation keys that only we write: policies and selectors trust them. */
const ownLabels: ReadonlySet<string> = new Set([
  'app.kubernetes.io/name',
  'app.kubernetes.io/managed-by',
  'app.kubernetes.io/part-of',
]);

/** What a pod says to a router, on every side: written from its routes, so that `check` has seen each of them. */
const routingKeys: ReadonlySet<string> = new Set([
  routableLabel.name,
  ...Object.values(routingNames).flatMap(({ hosts, paths, apiKey }) => [hosts, paths, apiKey]),
]);

/** Names, namespaces, labels and annotations an app may not take. */
export function reportReserved({ definition, report }: Entry, { edgeNamespace }: EnvironmentPlan): void {
  const { name, namespace, parsed } = definition;
  if (name === gatekeeperName || (namespace === 'default' && name === 'kubernetes' && parsed.kind === 'App'))
    report(['name'], 'reserved-name', {
      found: quote(name),
      expected: 'a name that the cluster and Edgeplane do not use themselves',
      fix: 'Rename the app.',
    });
  if (parsed.kind === 'App' && (systemNamespaces.has(namespace) || namespace === edgeNamespace))
    report(['namespace'], 'reserved-namespace', {
      found: quote(namespace),
      expected: 'a namespace other than those of the cluster and of the edge, whose pods are trusted',
      fix: 'Put the app in a namespace of its own.',
    });
  const { labels, annotations } = parsed.value;
  reportKeys(labels, ['labels'], report);
  reportKeys(annotations, ['annotations'], report);
  if (parsed.kind === 'App') reportKeys(parsed.value.service?.annotations, ['service', 'annotations'], report);
}

function reportKeys(written: Readonly<Record<string, string>> | undefined, path: Path, report: Report): void {
  for (const key of Object.keys(written ?? {})) {
    if (routingKeys.has(key))
      report([...path, key], 'reserved-key', {
        found: `${quote(key)}, by which a router serves a pod`,
        expected: 'routes that are written as routes, so that their protection is seen',
        fix: 'Write a route of this app instead.',
      });
    else if (ownLabels.has(key) || /^([a-z0-9-]+\.)*edgeplane\.dev\//.test(key))
      report([...path, key], 'reserved-key', {
        found: quote(key),
        expected: 'a key that Edgeplane does not write itself',
        fix: 'Take it away, or use a key of your own domain.',
      });
  }
}

/** Routes on a Service of someone else's may not mean one that an app makes: its ports are the app's to say. */
export function reportOwnedServices(entries: readonly Entry[], directory: Directory): void {
  for (const { definition, report, service } of entries) {
    if (definition.parsed.kind !== 'EdgeRoutes') continue;
    const owner = directory.get(`${definition.namespace}/${service}`);
    if (owner === undefined || owner.definition.parsed.kind !== 'App') continue;
    report(['service', 'name'], 'service-owned', {
      found: `${quote(service)}, the Service that app ${owner.definition.key} makes`,
      expected: 'a Service that something else made',
      fix: `Write these routes in app ${owner.definition.key}.`,
    });
  }
}

/** Node ports are one space for the whole cluster. */
export function reportNodePorts(entries: readonly Entry[]): void {
  const owners = new Map<string, Entry>();
  for (const entry of entries)
    for (const { name, nodePort, protocol } of entry.ports.all) {
      if (nodePort === null) continue;
      const key = `${nodePort}/${protocol === 'udp' ? 'UDP' : 'TCP'}`;
      const owner = owners.get(key);
      if (owner === undefined) owners.set(key, entry);
      else
        entry.report(['ports', name, 'nodePort'], 'node-port-conflict', {
          found: `${nodePort}, which ${owner.definition.key} has already`,
          expected: 'each node port once in the cluster',
          fix: 'Take another number from 30000 to 32767, or leave nodePort out.',
        });
    }
}

/** In production nobody is to meet the self-signed certificate an edge makes up. */
export function reportCertificates({ environment, routes }: Plan, report: Report): void {
  const { production, existingEdge, defaultCertificate } = environment;
  if (!production || existingEdge !== null || defaultCertificate !== null) return;
  const first = routes.find(({ tls }) => tls.kind === 'default');
  if (first !== undefined)
    report(['defaultCertificate'], 'no-default-certificate', {
      found: `none, and route ${first.id} uses the default certificate`,
      expected: 'the name of a Secret in the edge namespace, or another tls setting',
      fix: 'Set defaultCertificate, or tls: { issuer: "..." } for the environment.',
    });
}
