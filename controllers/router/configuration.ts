/** Long: every environment variable of the program, its default, its check and its error text, to be read as one. */
import { isLabelSelector, isQualifiedName } from './label-selector.ts';

/** How the router runs. Read once from the environment; an unset variable and an empty one are the same. */
export interface Configuration {
  /** `SOURCE`: what routes are read from. @default pods */
  readonly source: 'pods' | 'ingresses';
  /** `PORT`: plain HTTP. @default 80 */
  readonly port: number;
  /** `HTTPS_PORT`; null where nothing is served over TLS. @default 443 for Ingresses, null for pods */
  readonly httpsPort: number | null;
  /** `HEALTH_PORT`: probes and metrics. Two routers in one pod need two. @default 8081 */
  readonly healthPort: number;
  /** `CLIENT_MAX_BODY_SIZE`, bytes; 0: unlimited. @default 0 */
  readonly maxBodyBytes: number;
  /** `UNKNOWN_HOST`: what a host that nobody claims gets. @default close for pods, 404 for Ingresses */
  readonly unknownHost: 'close' | '404';
  /** `TRUSTED_ADDRESSES`: senders whose word about the client is taken, CIDR ranges. @default none */
  readonly trustedAddresses: readonly string[];
  /** `PROXY_PROTOCOL`: whether every connection starts with a PROXY header. @default false */
  readonly proxyProtocol: boolean;
  readonly pods: PodsConfiguration;
  readonly ingresses: IngressesConfiguration;
}

/** What the pods source is told. */
export interface PodsConfiguration {
  /** `API_KEY_HEADER`, as written. @default X-ROUTING-API-KEY */
  readonly apiKeyHeader: string;
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

/** An object of a namespace. */
export interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

export type ConfigurationResult =
  | { readonly ok: true; readonly configuration: Configuration }
  /** In the order of the checks; the first is what the original router says alone. */
  | { readonly ok: false; readonly problems: readonly string[] };

type Environment = Readonly<Record<string, string | undefined>>;

/** Checks every variable, those of the original router first and in its order. */
export function readConfiguration(environment: Environment): ConfigurationResult {
  const reader = new Reader(environment);
  const pods = readPods(reader);
  const maxBodyBytes = reader.read('CLIENT_MAX_BODY_SIZE', '0', readSize, 'size');
  const source = reader.read('SOURCE', 'pods', oneOf('pods', 'ingresses'), 'source');
  const ofPods = source === 'pods';
  const configuration: Configuration = {
    source: source ?? 'pods',
    port: pods.port,
    httpsPort: reader.read('HTTPS_PORT', ofPods ? 'none' : '443', optional(readPort), 'port') ?? null,
    healthPort: reader.read('HEALTH_PORT', '8081', readPort, 'port') ?? 0,
    maxBodyBytes: maxBodyBytes ?? 0,
    unknownHost: reader.read('UNKNOWN_HOST', ofPods ? 'close' : '404', oneOf('close', '404'), 'answer') ?? 'close',
    trustedAddresses: reader.read('TRUSTED_ADDRESSES', '', readRanges, 'list of CIDR ranges') ?? [],
    proxyProtocol: reader.read('PROXY_PROTOCOL', 'false', oneOf('true', 'false'), 'switch') === 'true',
    pods: pods.configuration,
    ingresses: readIngresses(reader),
  };
  return reader.problems.length === 0 ? { ok: true, configuration } : { ok: false, problems: reader.problems };
}

/** The error that ends the program; one wrong variable gives the original's words. */
export function invalidConfiguration(problems: readonly string[]): string {
  return `Invalid configuration: ${problems.join('; ')}.`;
}

/** The configuration as it is printed at the start: a line for each variable, never the content of a Secret. */
export function describeConfiguration(configuration: Configuration): readonly string[] {
  const { pods, ingresses } = configuration;
  const name = (object: ObjectName | null) => (object === null ? 'none' : `${object.namespace}/${object.name}`);
  const shared = [
    `SOURCE=${configuration.source}`,
    `PORT=${configuration.port}`,
    `HTTPS_PORT=${configuration.httpsPort ?? 'none'}`,
    `HEALTH_PORT=${configuration.healthPort}`,
    `CLIENT_MAX_BODY_SIZE=${configuration.maxBodyBytes}`,
    `UNKNOWN_HOST=${configuration.unknownHost}`,
    `TRUSTED_ADDRESSES=${configuration.trustedAddresses.join(' ')}`,
    `PROXY_PROTOCOL=${configuration.proxyProtocol}`,
  ];
  const own =
    configuration.source === 'pods'
      ? [
          `API_KEY_HEADER=${pods.apiKeyHeader}`,
          `API_KEY_SECRET_LOCATION=${pods.apiKeySecret.name}:${pods.apiKeySecret.key}`,
          `HOSTS_ANNOTATION=${pods.hostsAnnotation}`,
          `PATHS_ANNOTATION=${pods.pathsAnnotation}`,
          `API_KEY_ANNOTATION=${pods.apiKeyAnnotation}`,
          `ROUTABLE_LABEL_SELECTOR=${pods.selector}`,
        ]
      : [
          `INGRESS_CONTROLLER=${ingresses.controller}`,
          `DEFAULT_CERTIFICATE=${name(ingresses.defaultCertificate)}`,
          `PUBLISH_SERVICE=${name(ingresses.publishService)}`,
        ];
  return [...shared, ...own];
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

function readPods(reader: Reader): { readonly port: number; readonly configuration: PodsConfiguration } {
  const apiKeySecret = readSecretLocation(reader.text('API_KEY_SECRET_LOCATION', 'routing:api-key'));
  if (apiKeySecret === null) reader.problems.push(secretLocationProblem);
  const hosts = reader.read('HOSTS_ANNOTATION', 'routingHosts', annotationName, 'annotation name') ?? '';
  const pathsAnnotation = reader.read('PATHS_ANNOTATION', 'routingPaths', annotationName, 'annotation name') ?? '';
  const port = reader.read('PORT', '80', readPort, 'port') ?? 0;
  const selector = reader.read('ROUTABLE_LABEL_SELECTOR', 'routable=true', labelSelector, 'label selector') ?? '';
  const keyDefault = hosts.endsWith('Hosts') ? hosts.replace(/Hosts$/, 'ApiKey') : 'routingApiKey';
  const apiKeyAnnotation = reader.read('API_KEY_ANNOTATION', keyDefault, annotationName, 'annotation name') ?? '';
  const apiKeyHeader = reader.read('API_KEY_HEADER', 'X-ROUTING-API-KEY', readHeader, 'header name') ?? '';
  const configuration = {
    apiKeyHeader,
    apiKeySecret: apiKeySecret ?? { name: '', key: '' },
    hostsAnnotation: hosts,
    pathsAnnotation,
    apiKeyAnnotation,
    selector,
  };
  return { port, configuration };
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
const objectNamePattern = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/;

/** Stricter than the original, which takes empty parts and then protects nothing. */
function readSecretLocation(text: string): PodsConfiguration['apiKeySecret'] | null {
  const [name = '', key = '', ...rest] = text.split(':');
  const isLocation = rest.length === 0 && objectNamePattern.test(name) && /^[-._a-zA-Z0-9]{1,253}$/.test(key);
  return isLocation ? { name, key } : null;
}

function annotationName(text: string): string | undefined {
  return isQualifiedName(text.toLowerCase()) ? text : undefined;
}

function labelSelector(text: string): string | undefined {
  return isLabelSelector(text) ? text : undefined;
}

function controllerName(text: string): string | undefined {
  return text.includes('/') && text.length <= 250 && /^[a-z0-9.-]+(?:\/[A-Za-z0-9._~-]+)+$/.test(text)
    ? text
    : undefined;
}

/** A field name of RFC 9110. */
function readHeader(text: string): string | undefined {
  return text.length <= 128 && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text) ? text : undefined;
}

function readPort(text: string): number | undefined {
  const port = /^\+?[0-9]{1,20}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/** A number of bytes, or with k, m or g as nginx counts them (1024). */
function readSize(text: string): number | undefined {
  const [, digits, unit] = /^([0-9]{1,12})([kKmMgG]?)$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const bytes = Number(digits) * 1024 ** ['', 'k', 'm', 'g'].indexOf((unit ?? '').toLowerCase());
  return bytes <= 2 ** 50 ? bytes : undefined;
}

function readRanges(text: string): readonly string[] | undefined {
  const ranges = text.split(/[ ,]+/).filter((range) => range !== '');
  return ranges.every(isRange) ? ranges : undefined;
}

function isRange(text: string): boolean {
  const [address = '', length, ...rest] = text.split('/');
  const bits = /^[0-9.]+$/.test(address) ? 32 : 128;
  const known =
    bits === 32 ? isIpv4(address) : /^[0-9A-Fa-f:.]+$/.test(address) && URL.canParse(`http://[${address}]/`);
  return known && rest.length === 0 && length !== undefined && /^[0-9]{1,3}$/.test(length) && Number(length) <= bits;
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255);
}

function readObjectName(text: string): ObjectName | undefined {
  const [namespace = '', name = '', ...rest] = text.split('/');
  const isName = rest.length === 0 && /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace);
  return isName && objectNamePattern.test(name) ? { namespace, name } : undefined;
}

function oneOf<const T extends string>(...known: readonly T[]): (text: string) => T | undefined {
  return (text) => known.find((word) => word === text);
}

/** `none` says that there is none. */
function optional<T>(parse: (text: string) => T | undefined): (text: string) => T | null | undefined {
  return (text) => (text === 'none' ? null : parse(text));
}
