import { privateRanges } from '../../model/address.ts';
import type { ParsedEnvironment } from '../../model/definition.ts';
import { durationMs, image } from '../../model/schema/leaf.ts';
import { catalogImage } from '../catalog.ts';
import { defaults } from '../defaults.ts';
import { gatekeeperImage } from '../gatekeeper.ts';
import type { EnvironmentPlan, ExposurePlan } from '../plan.ts';
import { replacedImage } from './containers.ts';
import { quote, type Report } from './definition.ts';
import { reportEdgeImage } from './edge-image.ts';
import { reportExposure } from './exposure.ts';

/** The environment with every default filled in. */
export function environmentPlan(environment: ParsedEnvironment, report: Report): EnvironmentPlan {
  const fallback = defaults.environment;
  const production = environment.production ?? environment.name === 'production';
  const plan: EnvironmentPlan = {
    name: environment.name,
    kind: environment.kind ?? fallback.kind,
    production,
    edge: environment.edge,
    nginx: nginxPlan(environment),
    privateDoor: environment.privateDoor ?? fallback.privateDoor,
    catalog: catalogPlan(environment),
    existingEdge: existingEdge(environment),
    exposure: exposurePlan(environment),
    namespace: environment.namespace,
    edgeNamespace: environment.existingEdge?.namespace ?? environment.edgeNamespace ?? edgeNamespaceOf(environment),
    edgeNodes: {
      label: environment.edgeNodes?.label ?? fallback.edgeNodeLabel,
      taint: environment.edgeNodes?.taint ?? fallback.edgeNodeTaint,
      count: environment.edgeNodes?.count ?? fallback.edgeNodeCount,
    },
    edgeImage: environment.edgeImage ?? null,
    edgeResources: environment.edgeResources ?? fallback.edgeResources,
    unknownHost: environment.unknownHost ?? fallback.unknownHost,
    trustedProxies: environment.trustedProxies ?? [],
    identityHeaders: environment.identityHeaders ?? [],
    defaultCertificate: environment.defaultCertificate ?? null,
    acme: environment.acme ?? fallback.acme,
    dnsTarget: environment.dnsTarget ?? fixedAddress(environment),
    secretStore: secretStorePlan(environment),
    drainSeconds:
      environment.drain === undefined ? fallback.drainSeconds : Math.ceil(durationMs(environment.drain) / 1000),
    networkPolicy: environment.networkPolicy ?? fallback.networkPolicy,
    accessLog: environment.logs?.access ?? fallback.accessLog,
    gatekeeperImage: replacedImage(environment.images ?? {}, gatekeeperImage),
    sharedHosts: Object.entries(environment.sharedHosts ?? {})
      .map(([host, namespaces]) => ({ host, namespaces: namespaces.toSorted() }))
      .toSorted((a, b) => (a.host < b.host ? -1 : 1)),
    acceptedLosses: environment.acceptedLosses ?? [],
  };
  reportExposure(plan, report);
  reportEdgeImage(plan, report);
  reportContent(environment, plan, report);
  return plan;
}

function nginxPlan(environment: ParsedEnvironment): EnvironmentPlan['nginx'] {
  const fallback = defaults.environment;
  const servedBy = environment.servedBy ?? fallback.servedBy;
  if (servedBy !== 'ingress-nginx')
    return {
      servedBy,
      namespace: environment.edgeNamespace ?? fallback.edgeNamespace,
      ingressClass: fallback.nginxClass,
    };
  const { namespace, ingressClass } = environment.ingressNginx ?? {};
  return {
    servedBy,
    namespace: namespace ?? fallback.ingressNginx.namespace,
    ingressClass: ingressClass ?? fallback.ingressNginx.ingressClass,
  };
}

function catalogPlan({ edge, name, catalog, images }: ParsedEnvironment): EnvironmentPlan['catalog'] {
  if (edge !== 'catalog' || catalog === undefined) return null;
  const { consul, scheme, caSecret, tokenSecret, cluster, datacenter } = catalog;
  return {
    consul,
    scheme: scheme ?? 'http',
    caSecret: caSecret ?? null,
    tokenSecret: tokenSecret ?? defaults.environment.catalogTokenSecret,
    image: replacedImage(images ?? {}, catalogImage),
    cluster: cluster ?? name,
    datacenter: datacenter ?? null,
  };
}

function secretStorePlan({ secretStore }: ParsedEnvironment): EnvironmentPlan['secretStore'] {
  if (secretStore === undefined) return null;
  const { name, kind, prefix } = secretStore;
  return { name, kind: kind ?? defaults.environment.secretStoreKind, prefix: prefix ?? '' };
}

function existingEdge(environment: ParsedEnvironment): EnvironmentPlan['existingEdge'] {
  if (environment.existingEdge === undefined) return null;
  const { version, args, namespace, ingressClass } = environment.existingEdge;
  return { version, args, namespace, ingressClass: ingressClass ?? null };
}

function edgeNamespaceOf({ edge }: ParsedEnvironment): string {
  return edge === 'catalog' ? defaults.environment.internalNamespace : defaults.environment.edgeNamespace;
}

function fixedAddress({ exposure }: ParsedEnvironment): string | null {
  const address = 'loadBalancer' in exposure ? exposure.loadBalancer.address : undefined;
  // Some clouds name a reserved address instead; what it is nobody knows here.
  return address !== undefined && /^[0-9.]+$|:/.test(address) ? address : null;
}

function exposurePlan({ exposure, edge }: ParsedEnvironment): ExposurePlan {
  if ('hostPort' in exposure)
    return {
      kind: 'hostPort',
      http: exposure.hostPort.http ?? defaults.environment.httpPort,
      https: exposure.hostPort.https ?? defaults.environment.httpsPort,
    };
  const { address, clientAddress, sourceRanges, annotations } = exposure.loadBalancer;
  return {
    kind: 'loadBalancer',
    address: address ?? null,
    clientAddress,
    sourceRanges: sourceRanges ?? (edge === 'catalog' ? privateRanges : []),
    annotations: annotations ?? {},
  };
}

function reportContent(environment: ParsedEnvironment, plan: EnvironmentPlan, report: Report): void {
  for (const [from, to] of Object.entries(environment.images ?? {}))
    if (!image.safeParse(to).success)
      report(['images', from], 'image', {
        found: quote(to),
        expected: 'an image with a tag other than latest, or with a digest',
        fix: 'Write the whole reference that stands in for it.',
      });
  if (plan.production && plan.edge === 'nginx' && environment.servedBy === undefined)
    report(['servedBy'], 'served-by', {
      found: 'nothing, so our own controller would serve',
      expected: 'in production a choice: "controller", "traefik" or "ingress-nginx"',
      fix: 'Write servedBy; docs/nginx.md says what each is meant for.',
    });
  if (plan.production && plan.edgeNodes.count < 2 && plan.existingEdge === null)
    report(['edgeNodes', 'count'], 'single-edge-node', {
      found: `${plan.edgeNodes.count}`,
      expected: 'at least 2 edge nodes in production, in two zones',
      fix: 'Raise edgeNodes.count.',
    });
}
