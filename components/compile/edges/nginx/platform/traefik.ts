import { shortHash } from '../../../names.ts';
import type { KubeObject } from '../../../output.ts';
import type { EnvironmentPlan } from '../../../plan.ts';
import { speaksProxyProtocol } from '../../../proxy-protocol.ts';
import { toYaml } from '../../../to-yaml.ts';
import { edgeNameOf, entryPoint, entryPointPort, fileObject } from '../../traefik/names.ts';
import { clientPorts } from '../../traefik/platform/client-ports.ts';
import { refusal, refusedPath } from '../../traefik/platform/dynamic-configuration.ts';
import { edgeImageOf } from '../../traefik/platform/image.ts';
import { clusterMeta, edgeMeta } from '../../traefik/platform/meta.ts';
import { dynamicFile, staticConfiguration, staticFile } from '../../traefik/platform/static-configuration.ts';
import { denyPriority, lastPriority } from '../../traefik/priority.ts';
import { and, call, not } from '../../traefik/rule.ts';
import { refusedCharacters, sharedSpec } from '../../traefik/shared.ts';
import { edgeContainer, edgeDaemonSet } from './edge-pod.ts';
import { ingressController } from './ingress-class.ts';

const folder = staticFile.slice(0, staticFile.lastIndexOf('/'));
const dynamicFolder = dynamicFile.slice(0, dynamicFile.lastIndexOf('/'));
const staticKey = staticFile.slice(folder.length + 1);
const dynamicKey = dynamicFile.slice(dynamicFolder.length + 1);

/** Room for request bodies that a limit makes Traefik hold. */
const bufferSpace = '2Gi';

/** The provider has no word for a default certificate, so its Secret is mounted. */
const certificateFolder = '/etc/traefik/certificate';
const certificate = { certFile: `${certificateFolder}/tls.crt`, keyFile: `${certificateFolder}/tls.key` };

type Configuration = Readonly<Record<string, unknown>>;

/** As on the traefik edge, but for the provider and for what its routes could do and those of this provider cannot. */
function fileStatic(environment: EnvironmentPlan): Configuration {
  const usual = staticConfiguration(environment);
  const entryPoints = usual.entryPoints as Readonly<Record<string, { readonly http: Configuration }>>;
  const client = (name: string) => {
    const { http, ...rest } = entryPoints[name] ?? { http: {} };
    return {
      ...rest,
      http: {
        ...http,
        encodedCharacters: { ...refusedCharacters, allowEncodedSlash: false },
        middlewares: [`${fileObject.websocketHygiene}@file`],
      },
    };
  };
  return {
    ...usual,
    entryPoints: {
      ...entryPoints,
      [entryPoint.plain]: client(entryPoint.plain),
      [entryPoint.secure]: client(entryPoint.secure),
    },
    ping: { entryPoint: entryPoint.admin },
    providers: {
      providersThrottleDuration: '500ms',
      file: { filename: dynamicFile, watch: true },
      kubernetesIngressNGINX: provider(environment),
    },
  };
}

/** Every default that the annotations always say otherwise is left alone. */
function provider(environment: EnvironmentPlan): Configuration {
  const { edgeNamespace, nginx, trustedProxies, exposure } = environment;
  // Of a request without X-Forwarded-For the provider would know no address then, and let nobody in. A PROXY header says
  // who the client is before any header does.
  const told = trustedProxies.length > 0 && !speaksProxyProtocol(exposure);
  return {
    ingressClass: nginx.ingressClass,
    controllerClass: ingressController,
    ingressClassByName: false,
    watchIngressWithoutClass: false,
    allowSnippetAnnotations: false,
    allowCrossNamespaceResources: false,
    disableSvcExternalName: true,
    strictValidatePathType: true,
    httpEntryPoint: entryPoint.plain,
    httpsEntryPoint: entryPoint.secure,
    proxyBodySize: 0,
    publishService: `${edgeNamespace}/${edgeNameOf(environment)}`,
    ...(told ? { ipAllowListStrategy: { excludedIPs: [...trustedProxies] } } : {}),
  };
}

const upgrade = and(call('HeaderRegexp', 'Upgrade', '.'), not(call('HeaderRegexp', 'Upgrade', '(?i)^websocket$')));

/** Refusals above all routes: paths that none lets in, and upgrades to anything but WebSocket. */
function fileDynamic(environment: EnvironmentPlan): Configuration {
  const { unavailable, refuse, websocketHygiene } = fileObject;
  return {
    http: {
      routers: {
        ...refusal('edgeplane-deny-path', call('PathRegexp', refusedPath), denyPriority, refuse, unavailable),
        ...refusal('edgeplane-deny-upgrade', upgrade, denyPriority, refuse, unavailable),
        ...refusal('edgeplane-deny-slash', call('PathRegexp', '%2F'), lastPriority, refuse, unavailable),
      },
      middlewares: {
        [refuse]: sharedSpec('refuse', environment),
        [websocketHygiene]: sharedSpec('websocketHygiene', environment),
      },
      services: { [unavailable]: { loadBalancer: { servers: [] } } },
    },
    tls: {
      options: { default: { minVersion: 'VersionTLS12', sniStrict: false } },
      ...(environment.defaultCertificate === null ? {} : { stores: { default: { defaultCertificate: certificate } } }),
    },
  };
}

/** The configuration as files. */
export function traefikConfigMap(environment: EnvironmentPlan): KubeObject {
  const text = (configuration: Configuration) => toYaml([configuration as unknown as KubeObject]);
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: edgeMeta(environment, edgeNameOf(environment)),
    data: { [staticKey]: text(fileStatic(environment)), [dynamicKey]: text(fileDynamic(environment)) },
  };
}

/** Traefik on every edge node. */
export function traefikDaemonSet(environment: EnvironmentPlan): KubeObject {
  const hash = shortHash(`${JSON.stringify(fileStatic(environment))}\0${JSON.stringify(fileDynamic(environment))}`);
  const { defaultCertificate: secretName } = environment;
  const probe = { httpGet: { path: '/ping', port: entryPoint.admin }, timeoutSeconds: 2 };
  const container = {
    name: 'traefik',
    image: edgeImageOf(environment),
    args: [`--configFile=${staticFile}`],
    ports: clientPorts(environment),
    startupProbe: { ...probe, periodSeconds: 1, failureThreshold: 60 },
    // Ping answers before the first Ingress is read; by then it has been.
    readinessProbe: { ...probe, initialDelaySeconds: 5, periodSeconds: 2, failureThreshold: 1 },
    livenessProbe: {
      tcpSocket: { port: entryPoint.admin },
      periodSeconds: 10,
      timeoutSeconds: 5,
      failureThreshold: 6,
    },
    ...edgeContainer(environment, bufferSpace),
    volumeMounts: [
      { name: 'static', mountPath: folder, readOnly: true },
      { name: 'dynamic', mountPath: dynamicFolder, readOnly: true },
      { name: 'buffers', mountPath: '/tmp' },
      ...(secretName === null ? [] : [{ name: 'certificate', mountPath: certificateFolder, readOnly: true }]),
    ],
  };
  return edgeDaemonSet(environment, {
    annotations: { 'edgeplane.dev/configuration-hash': hash, 'prometheus.io/port': String(entryPointPort.admin) },
    containers: [container],
    volumes: [
      { name: 'static', configMap: { name: edgeNameOf(environment), items: [{ key: staticKey, path: staticKey }] } },
      { name: 'dynamic', configMap: { name: edgeNameOf(environment), items: [{ key: dynamicKey, path: dynamicKey }] } },
      { name: 'buffers', emptyDir: { sizeLimit: bufferSpace } },
      ...(secretName === null ? [] : [{ name: 'certificate', secret: { secretName } }]),
    ],
  });
}

const read = ['get', 'list', 'watch'];

/** What the provider lists at its start. It writes one thing: the address of its Service as the status of Ingresses. */
export function traefikAccess(environment: EnvironmentPlan): readonly KubeObject[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: edgeMeta(environment, edgeNameOf(environment)),
      automountServiceAccountToken: false,
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: clusterMeta(edgeNameOf(environment)),
      rules: [
        { apiGroups: [''], resources: ['configmaps', 'secrets', 'services'], verbs: read },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
        { apiGroups: ['networking.k8s.io'], resources: ['ingressclasses', 'ingresses'], verbs: read },
        { apiGroups: ['networking.k8s.io'], resources: ['ingresses/status'], verbs: ['update'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: clusterMeta(edgeNameOf(environment)),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: edgeNameOf(environment) },
      subjects: [{ kind: 'ServiceAccount', name: edgeNameOf(environment), namespace: environment.edgeNamespace }],
    },
  ];
}
