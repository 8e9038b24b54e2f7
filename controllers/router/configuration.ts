import {
  annotationName,
  controllerName,
  flag,
  labelSelector,
  type ObjectName,
  oneOf,
  optional,
  readHeader,
  readObjectName,
  readPort,
  readRanges,
  readSecretLocation,
  readSize,
  readWorkers,
  time,
} from './environment-values.ts';
import { type EdgeSettings, neverTargets } from './routing-table.ts';

/** How the router runs. Read once from the environment; an unset variable and an empty one are the same. */
export interface Configuration {
  /** `SOURCE`: what routes are read from. @default pods */
  readonly source: 'pods' | 'ingresses';
  /** `HEALTH_PORT`: probes and metrics. Two routers in one pod need two. @default 8081 */
  readonly healthPort: number;
  /** What holds for the whole edge; its variables are in `readEdge`. */
  readonly edge: EdgeSettings;
  readonly pods: PodsConfiguration;
  readonly ingresses: IngressesConfiguration;
}

/** What the pods source is told. */
export interface PodsConfiguration {
  /** `API_KEY_SECRET_LOCATION`: the Secret of each namespace. @default routing:api-key */
  readonly apiKeySecret: { readonly name: string; readonly key: string };
  /** `HOSTS_ANNOTATION`. @default routingHosts */
  readonly hostsAnnotation: string;
  /** `PATHS_ANNOTATION`. @default routingPaths */
  readonly pathsAnnotation: string;
  /** `API_KEY_ANNOTATION`. @default the hosts annotation with `ApiKey` for `Hosts`: routingApiKey */
  readonly apiKeyAnnotation: string;
  /** `ROUTABLE_LABEL_SELECTOR`. @default routable=true */
  readonly selector: string;
  /** `PATH_MATCH`: by whole segments, or by characters as the original compares (`/foo` takes `/foobar`). @default segments */
  readonly pathMatch: 'segments' | 'text';
}

/** What the Ingresses source is told. */
export interface IngressesConfiguration {
  /** `INGRESS_CONTROLLER`: the name an IngressClass gives in `spec.controller`. @default edgeplane.dev/router */
  readonly controller: string;
  /** `DEFAULT_CERTIFICATE`: TLS Secret for names without their own. @default none: such handshakes are refused */
  readonly defaultCertificate: ObjectName | null;
  /** `PUBLISH_SERVICE`: the Service whose address is written as status of Ingresses. @default none: no status */
  readonly publishService: ObjectName | null;
}

export type ConfigurationResult =
  | { readonly ok: true; readonly configuration: Configuration }
  /** In the order of the checks; the first is what the original router says alone. */
  | { readonly ok: false; readonly problems: readonly string[] };

type Environment = Readonly<Record<string, string | undefined>>;

/** Checks every variable, those of the original router first and in its order. */
export function readConfiguration(environment: Environment): ConfigurationResult {
  const reader = new Reader(environment);
  const apiKeySecret = readSecretLocation(reader.text('API_KEY_SECRET_LOCATION', 'routing:api-key'));
  if (apiKeySecret === null) reader.problems.push(secretLocationProblem);
  const hosts = reader.read('HOSTS_ANNOTATION', 'routingHosts', annotationName, 'annotation name') ?? '';
  const pathsAnnotation = reader.read('PATHS_ANNOTATION', 'routingPaths', annotationName, 'annotation name') ?? '';
  const port = reader.read('PORT', '80', readPort, 'port') ?? 0;
  const selector = reader.read('ROUTABLE_LABEL_SELECTOR', 'routable=true', labelSelector, 'label selector') ?? '';
  const keyDefault = hosts.endsWith('Hosts') ? hosts.replace(/Hosts$/, 'ApiKey') : 'routingApiKey';
  const apiKeyHeader = reader.read('API_KEY_HEADER', 'X-ROUTING-API-KEY', readHeader, 'header name') ?? '';
  const source = reader.read('SOURCE', 'pods', oneOf('pods', 'ingresses'), 'source') ?? 'pods';
  const configuration: Configuration = {
    source,
    healthPort: reader.read('HEALTH_PORT', '8081', readPort, 'port') ?? 0,
    edge: readEdge(reader, { source, port, apiKeyHeader }),
    pods: {
      apiKeySecret: apiKeySecret ?? { name: '', key: '' },
      hostsAnnotation: hosts,
      pathsAnnotation,
      apiKeyAnnotation: reader.read('API_KEY_ANNOTATION', keyDefault, annotationName, 'annotation name') ?? '',
      selector,
      pathMatch: reader.read('PATH_MATCH', 'segments', oneOf('segments', 'text'), 'comparison') ?? 'segments',
    },
    ingresses: readIngresses(reader),
  };
  return reader.problems.length === 0 ? { ok: true, configuration } : { ok: false, problems: reader.problems };
}

/** The variables of the edge, each with its default; a pod router is plain and closes, as the original is and does. */
function readEdge(
  reader: Reader,
  { source, port, apiKeyHeader }: { source: Configuration['source']; port: number; apiKeyHeader: string },
): EdgeSettings {
  const ofPods = source === 'pods';
  const bodyLimit = reader.read('CLIENT_MAX_BODY_SIZE', '0', readSize, 'size') ?? 0;
  const httpsPort = reader.read('HTTPS_PORT', ofPods ? 'none' : '443', optional(readPort), 'port') ?? null;
  const publicHttp = reader.read('PUBLIC_PORT', `${port || 80}`, readPort, 'port') ?? 0;
  const publicHttps = reader.read('PUBLIC_HTTPS_PORT', `${httpsPort ?? 443}`, readPort, 'port') ?? 0;
  return {
    httpPort: port,
    httpsPort,
    publicPorts: { http: publicHttp, https: publicHttps },
    ipv6: reader.read('IPV6', 'false', flag, 'switch') ?? false,
    unknownHost: reader.read('UNKNOWN_HOST', ofPods ? 'close' : '404', oneOf('close', '404'), 'answer') ?? 'close',
    clientAddress: readClientAddress(reader),
    acme: reader.read('ACME', 'true', flag, 'switch') ?? true,
    keyHeader: apiKeyHeader,
    bodyLimitBytes: bodyLimit === 0 ? null : bodyLimit,
    accessLog: reader.read('ACCESS_LOG', 'true', flag, 'switch') ?? true,
    workerShutdownMs: reader.read('DRAIN_TIME', '240s', time, 'time') ?? 0,
    workers: reader.read('WORKERS', '2', readWorkers, 'number of workers') ?? 1,
    refusedTargets: [...neverTargets, ...readRefusedTargets(reader)],
  };
}

function readRefusedTargets(reader: Reader): readonly string[] {
  return reader.read('REFUSED_TARGETS', 'none', optional(readRanges), 'list of CIDR ranges') ?? [];
}

/** A PROXY header is believed from trusted senders only: without any, whoever reaches the port names its own address. */
function readClientAddress(reader: Reader): EdgeSettings['clientAddress'] {
  const from = reader.read('TRUSTED_ADDRESSES', 'none', optional(readRanges), 'list of CIDR ranges') ?? [];
  const proxyProtocol = reader.read('PROXY_PROTOCOL', 'false', flag, 'switch') ?? false;
  if (!proxyProtocol) return from.length === 0 ? { kind: 'connection' } : { kind: 'header', from };
  if (from.length === 0)
    reader.problems.push('PROXY_PROTOCOL needs the load balancers it is from in TRUSTED_ADDRESSES');
  return { kind: 'proxyProtocol', from };
}

/** The error that ends the program; one wrong variable gives the original's words. */
export function invalidConfiguration(problems: readonly string[]): string {
  return `Invalid configuration: ${problems.join('; ')}.`;
}

/** The configuration as it is printed at the start: a line for each variable, never the content of a Secret. */
export function describeConfiguration({ source, healthPort, edge, pods, ingresses }: Configuration): readonly string[] {
  const { kind } = edge.clientAddress;
  const name = (object: ObjectName | null) => (object === null ? 'none' : `${object.namespace}/${object.name}`);
  const shared = {
    SOURCE: source,
    PORT: edge.httpPort,
    PUBLIC_PORT: edge.publicPorts.http,
    HTTPS_PORT: edge.httpsPort ?? 'none',
    PUBLIC_HTTPS_PORT: edge.publicPorts.https,
    HEALTH_PORT: healthPort,
    CLIENT_MAX_BODY_SIZE: edge.bodyLimitBytes ?? 0,
    UNKNOWN_HOST: edge.unknownHost,
    TRUSTED_ADDRESSES: edge.clientAddress.kind === 'connection' ? 'none' : edge.clientAddress.from.join(' '),
    PROXY_PROTOCOL: kind === 'proxyProtocol',
    IPV6: edge.ipv6,
    ACME: edge.acme,
    ACCESS_LOG: edge.accessLog,
    DRAIN_TIME: `${edge.workerShutdownMs}ms`,
    WORKERS: edge.workers,
    REFUSED_TARGETS: edge.refusedTargets.filter((range) => !neverTargets.includes(range)).join(' ') || 'none',
  };
  const ofPods = {
    API_KEY_HEADER: edge.keyHeader,
    API_KEY_SECRET_LOCATION: `${pods.apiKeySecret.name}:${pods.apiKeySecret.key}`,
    HOSTS_ANNOTATION: pods.hostsAnnotation,
    PATHS_ANNOTATION: pods.pathsAnnotation,
    API_KEY_ANNOTATION: pods.apiKeyAnnotation,
    ROUTABLE_LABEL_SELECTOR: pods.selector,
    PATH_MATCH: pods.pathMatch,
  };
  const ofIngresses = {
    INGRESS_CONTROLLER: ingresses.controller,
    DEFAULT_CERTIFICATE: name(ingresses.defaultCertificate),
    PUBLISH_SERVICE: name(ingresses.publishService),
  };
  return Object.entries({ ...shared, ...(source === 'pods' ? ofPods : ofIngresses) }).map(
    ([variable, value]) => `${variable}=${value}`,
  );
}

class Reader {
  readonly problems: string[] = [];
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  text(name: string, fallback: string): string {
    const given = this.#environment[name];
    return given === undefined || given === '' ? fallback : given;
  }

  /** Adds a problem that says `what` the value is no valid one of. */
  read<T>(name: string, fallback: string, parse: (text: string) => T | undefined, what: string): T | undefined {
    const text = this.text(name, fallback);
    const value = parse(text);
    if (value === undefined) this.problems.push(`${name} ${hasAn(what)} invalid ${what}: ${text}`);
    return value;
  }
}

/** The original says that a name "has" an invalid annotation name or selector, and "is" an invalid port. */
function hasAn(what: string): string {
  return what === 'annotation name' || what === 'label selector' ? 'has an' : 'is an';
}

function readIngresses(reader: Reader): IngressesConfiguration {
  const object = 'object name (NAMESPACE/NAME)';
  return {
    controller: reader.read('INGRESS_CONTROLLER', 'edgeplane.dev/router', controllerName, 'controller name') ?? '',
    defaultCertificate: reader.read('DEFAULT_CERTIFICATE', 'none', optional(readObjectName), object) ?? null,
    publishService: reader.read('PUBLISH_SERVICE', 'none', optional(readObjectName), object) ?? null,
  };
}

const secretLocationProblem =
  'API_KEY_SECRET_LOCATION is not in the format of {API_KEY_SECRET_NAME}:{API_KEY_SECRET_DATA_FIELD_NAME}';
