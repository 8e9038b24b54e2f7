/**
 * Every default of the model, in one place. A value that an environment or an app may set is only ever read from here
 * when both said nothing. Times are in the unit of their name.
 */
export const defaults = Object.freeze({
  environment: Object.freeze({
    kind: 'cloud',
    edgeNamespace: 'edgeplane-edge',
    /** Of the edge catalog, which may stand beside a public one. */
    internalNamespace: 'edgeplane-internal',
    catalogTokenSecret: 'consul-tokens',
    edgeNodeLabel: Object.freeze({ key: 'role', value: 'edge-router' }),
    edgeNodeTaint: Object.freeze({ key: 'dedicated', value: 'edge-router', effect: 'NoSchedule' }),
    edgeNodeCount: 2,
    edgeResources: Object.freeze({ cpu: '250m', memory: '256Mi' }),
    httpPort: 80,
    httpsPort: 443,
    unknownHost: '404',
    acme: true,
    dns: false,
    secretStoreKind: 'ClusterSecretStore',
    drainSeconds: 60,
    networkPolicy: true,
    servedBy: 'controller',
    /** One class whoever serves, so that a change of server changes no Ingress. */
    nginxClass: 'edgeplane-nginx',
    ingressNginx: Object.freeze({ namespace: 'ingress-nginx', ingressClass: 'nginx' }),
    privateDoor: false,
    accessLog: true,
  }),
  workload: Object.freeze({
    /** Two, so that a rollout, a drain or a lost node leaves one. */
    replicas: 2,
    autoscaleCpuPercent: 70,
    drainSeconds: 30,
    /** Endpoint removal reaches every edge within this time on the clusters measured; the pod still serves meanwhile. */
    preStopSeconds: 5,
    minReadySeconds: 0,
    progressDeadlineSeconds: 600,
    maxSurge: 1,
    maxUnavailable: 0,
    /** A DaemonSet pod has no second place on its node, so one goes down before its successor comes. */
    daemonMaxSurge: 0,
    daemonMaxUnavailable: 1,
    disruptionMaxUnavailable: 1,
    /** The `nonroot` user of distroless images. */
    runAsUser: 65_532,
    tmpSizeLimit: '64Mi',
  }),
  resources: Object.freeze({
    cpu: '100m',
    memory: '128Mi',
    ephemeralStorage: '128Mi',
    /** The CPU limit is this many times the request, and at least `cpuLimitFloorMillis`. */
    cpuLimitFactor: 10,
    cpuLimitFloorMillis: 1000,
  }),
  probe: Object.freeze({
    initialDelaySeconds: 0,
    periodSeconds: 10,
    /** Readiness is asked more often: it is what takes a broken pod out of the route. */
    readinessPeriodSeconds: 5,
    timeoutSeconds: 2,
    failureThreshold: 3,
    /** Five minutes to start, at `startupPeriodSeconds`. */
    startupPeriodSeconds: 5,
    startupFailureThreshold: 60,
  }),
  /** The Service port of a port named `http`; others keep their number. */
  httpServicePort: 80,
  route: Object.freeze({
    audience: 'public',
    connectMs: 5_000,
    responseMs: 60_000,
    idleMs: 90_000,
    redirectStatus: 308,
    authTimeoutMs: 5_000,
    authPath: '/',
    realm: 'restricted',
    routingSecret: 'routing:api-key',
    weight: 1,
    streaming: true,
    encodedSlash: 'refuse',
    retryInitialIntervalMs: 100,
    corsMethods: Object.freeze(['GET', 'HEAD', 'POST']),
    corsMaxAgeSeconds: 600,
  }),
} as const);
