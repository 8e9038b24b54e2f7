import type { AppPlan, EnvironmentPlan, Plan, RoutePlan } from '../../../../components/compile/plan.ts';

/** An environment as resolve leaves it, for tests that begin at the plan. */
export function environmentPlan(changes: Partial<EnvironmentPlan> = {}): EnvironmentPlan {
  return {
    name: 'local',
    kind: 'local',
    production: false,
    edge: 'traefik',
    nginx: { servedBy: 'controller', namespace: 'edgeplane-edge', ingressClass: 'edgeplane-nginx' },
    privateDoor: false,
    catalog: null,
    existingEdge: null,
    exposure: { kind: 'loadBalancer', address: null, clientAddress: 'preserved', sourceRanges: [], annotations: {} },
    namespace: 'apps',
    edgeNamespace: 'edgeplane-edge',
    edgeNodes: {
      label: { key: 'role', value: 'edge-router' },
      taint: { key: 'dedicated', value: 'edge-router', effect: 'NoSchedule' },
      count: 2,
    },
    edgeImage: null,
    edgeResources: { cpu: '100m', memory: '256Mi' },
    unknownHost: '404',
    trustedProxies: [],
    identityHeaders: [],
    defaultCertificate: null,
    acme: true,
    dnsTarget: null,
    secretStore: null,
    drainSeconds: 60,
    networkPolicy: true,
    accessLog: true,
    gatekeeperImage: 'edgeplane.local/gatekeeper:local',
    sharedHosts: [],
    acceptedLosses: [],
    ...changes,
  };
}

/** An app whose Service exists, for routes to belong to. */
export function appPlan(changes: Partial<AppPlan> = {}): AppPlan {
  return {
    name: 'shop',
    namespace: 'apps',
    at: { subject: 'app apps/shop', path: '' },
    labels: {},
    annotations: {},
    owner: null,
    workload: null,
    service: null,
    callers: [],
    calls: 'any',
    ...changes,
  };
}

/** An open route on everything of shop.example.org. */
export function routePlan(changes: Partial<RoutePlan> = {}): RoutePlan {
  return {
    id: 'apps/shop/main',
    namespace: 'apps',
    app: 'shop',
    objectName: 'shop-main',
    at: { subject: 'app apps/shop', path: 'routes[0]' },
    audience: 'public',
    match: {
      host: { kind: 'exact', name: 'shop.example.org' },
      path: { kind: 'prefix', path: '/' },
      methods: [],
      headers: [],
    },
    action: {
      kind: 'forward',
      targets: [{ namespace: 'apps', service: 'shop', port: 80, protocol: 'http', ca: null, weight: 1 }],
    },
    protection: { kind: 'open', reason: 'a shop window' },
    rewrite: { kind: 'none' },
    requestHeaders: { set: [], remove: [] },
    responseHeaders: { set: [], remove: [] },
    cors: null,
    timeouts: { connectMs: 5000, responseMs: 60_000, idleMs: 90_000 },
    bodyLimitBytes: null,
    rateLimit: null,
    allowFrom: null,
    websocket: false,
    streaming: true,
    tls: { kind: 'off' },
    httpsRedirect: false,
    hsts: null,
    dns: false,
    encodedSlash: 'refuse',
    sticky: null,
    retries: null,
    ...changes,
  };
}

/** A plan of one app and these routes of it. */
export function planOf(routes: readonly RoutePlan[], environment: EnvironmentPlan = environmentPlan()): Plan {
  return { environment, apps: [appPlan()], routes };
}
