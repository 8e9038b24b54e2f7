import type { EnvironmentPlan } from '../../../plan.ts';
import { speaksProxyProtocol } from '../../../proxy-protocol.ts';
import { entryPoint, entryPointPort, ownClassOf } from '../names.ts';
import { refusedCharacters } from '../shared.ts';
import { privateOnly } from './private-only.ts';

/** Where the file provider's part is mounted. By name: a watched folder would be read twice, through the links of a volume. */
export const dynamicFile = '/etc/traefik/dynamic/edgeplane.yml';
/** Where the whole configuration is mounted. */
export const staticFile = '/etc/traefik/static/traefik.yml';

/** A whole request, body included, must arrive within this time. */
const readTimeoutSeconds = 600;
/** What a client may send as request line and headers. */
const maxHeaderBytes = 65_536;

/** Traefik's static configuration: what only a restart changes. Nothing in it depends on an app. */
export function staticConfiguration(environment: EnvironmentPlan): Readonly<Record<string, unknown>> {
  return {
    global: { checkNewVersion: false, sendAnonymousUsage: false },
    log: { format: 'json', level: 'INFO' },
    ...accessLog(environment),
    // Its only router is the operator's: see dynamic-configuration.ts.
    api: { insecure: false, dashboard: true, disableDashboardAd: true },
    // The route to it is an object in the cluster: see readiness.ts.
    ping: { manualRouting: true },
    metrics: { prometheus: { entryPoint: entryPoint.admin, addRoutersLabels: true } },
    entryPoints: {
      [entryPoint.plain]: clientEntryPoint(environment, entryPointPort.plain),
      [entryPoint.secure]: clientEntryPoint(environment, entryPointPort.secure),
      [entryPoint.admin]: { address: `:${entryPointPort.admin}` },
    },
    providers: providers(environment),
  };
}

function clientEntryPoint(environment: EnvironmentPlan, port: number): Readonly<Record<string, unknown>> {
  const trusted = environment.trustedProxies;
  return {
    address: `:${port}`,
    asDefault: true,
    forwardedHeaders: { insecure: false, trustedIPs: trusted },
    ...(speaksProxyProtocol(environment.exposure) ? { proxyProtocol: { insecure: false, trustedIPs: trusted } } : {}),
    http: {
      ...(environment.edge === 'catalog' ? { middlewares: [`${privateOnly}@file`] } : {}),
      aliasHeadersStrategy: 'delete',
      // A path is refused as it came, never mended: what is judged is what the app gets.
      sanitizePath: false,
      // Slashes are refused for each route, because some may let them in.
      encodedCharacters: { ...refusedCharacters, allowEncodedSlash: true },
      encodeQuerySemicolons: false,
      maxHeaderBytes,
    },
    http2: { maxConcurrentStreams: 250, maxDecoderHeaderTableSize: 4096, maxEncoderHeaderTableSize: 4096 },
    transport: {
      ...stopping(environment),
      respondingTimeouts: { readTimeout: `${readTimeoutSeconds}s`, writeTimeout: '0s', idleTimeout: '180s' },
    },
  };
}

/** How long a load balancer may go on sending after the edge has said that it stops; the rest is for open requests. */
const acceptSeconds = 30;

/**
 * How the edge stops without cutting anybody off. At the end of the accepting time it closes idle connections, which may
 * cross a request on its way. So a connection is told `Connection: close` (GOAWAY in HTTP/2) with the first answer after
 * half that time: while the edge stops, every connection in use has been told before it is closed.
 */
function stopping({ drainSeconds }: EnvironmentPlan) {
  const accept = Math.min(acceptSeconds, Math.floor(drainSeconds / 2));
  return {
    keepAliveMaxTime: `${Math.max(1, Math.floor(accept / 2))}s`,
    lifeCycle: { requestAcceptGraceTimeout: `${accept}s`, graceTimeOut: `${drainSeconds - accept}s` },
  };
}

/** One JSON line a request with the name of its router. Headers and query strings carry secrets and stay out. */
function accessLog(environment: EnvironmentPlan): Readonly<Record<string, unknown>> {
  if (!environment.accessLog) return {};
  return {
    accessLog: {
      format: 'json',
      fields: { defaultMode: 'keep', headers: { defaultMode: 'drop' }, queryParameters: { defaultMode: 'drop' } },
    },
  };
}

function providers(environment: EnvironmentPlan): Readonly<Record<string, unknown>> {
  return {
    providersThrottleDuration: '500ms',
    file: { filename: dynamicFile, watch: true },
    kubernetesCRD: {
      ingressClass: ownClassOf(environment),
      allowCrossNamespace: false,
      allowExternalNameServices: false,
      // Else a route whose app has no pod is dropped, and a broader one answers in its place.
      allowEmptyServices: true,
      safeNaming: true,
      disableClusterScopeResources: true,
      defaultTLSResourcesNamespace: environment.edgeNamespace,
    },
    ...catalogProvider(environment),
    ...(environment.acme ? { kubernetesIngress: solverIngresses(environment) } : {}),
  };
}

/** Where the CA of Consul is mounted, and the token by which its catalog is read. */
export const consulFolder = { ca: '/etc/traefik/consul-ca', token: '/etc/traefik/consul' } as const;

/**
 * Routes from a catalog. Only what says so by tag, only instances that are well; each change is heard at once. The token
 * is read from the file that `CONSUL_HTTP_TOKEN_FILE` names, so that no configuration holds it.
 */
function catalogProvider({ catalog }: EnvironmentPlan): Readonly<Record<string, unknown>> {
  if (catalog === null) return {};
  return {
    consulCatalog: {
      prefix: 'traefik',
      exposedByDefault: false,
      watch: true,
      strictChecks: ['passing', 'warning'],
      endpoint: {
        address: catalog.consul,
        scheme: catalog.scheme,
        ...(catalog.datacenter === null ? {} : { datacenter: catalog.datacenter }),
        ...(catalog.caSecret === null ? {} : { tls: { ca: `${consulFolder.ca}/ca.crt` } }),
      },
    },
  };
}

/** cert-manager answers HTTP-01 challenges by Ingresses with this label; no other Ingress is read. */
function solverIngresses(environment: EnvironmentPlan) {
  return {
    ingressClass: ownClassOf(environment),
    labelSelector: 'acme.cert-manager.io/http01-solver=true',
    allowExternalNameServices: false,
    allowEmptyServices: true,
  };
}
