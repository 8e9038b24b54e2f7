import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

/** How this program proves who it is, and knows whom it talks to. Never logged. */
export interface Credentials {
  /** PEM of the authorities that may have signed the server's certificate. */
  readonly ca?: string;
  /** Bearer token. */
  readonly token?: string;
  /** PEM of the client's certificate and its key. */
  readonly cert?: string;
  readonly key?: string;
}

/** Where an API server is, and how it is spoken to. */
export interface ApiAccess {
  /** As `https://10.0.0.1:443`. Plain `http:` is for tests. */
  readonly origin: string;
  /** Reads the credentials anew: tokens are rotated while a program runs. */
  readonly credentials: () => Promise<Credentials>;
}

/** Where a pod finds its service account. */
const mountedAccount = '/var/run/secrets/kubernetes.io/serviceaccount';

/** What a pod's environment says of the API server. */
export interface PodEnvironment {
  readonly KUBERNETES_SERVICE_HOST?: string | undefined;
  readonly KUBERNETES_SERVICE_PORT?: string | undefined;
}

/**
 * The access of a pod, from its mounted service account.
 * @param folder of the token and `ca.crt`. @default /var/run/secrets/kubernetes.io/serviceaccount
 * @throws when the environment does not say where the API server is.
 */
export function podAccess(env: PodEnvironment, folder = mountedAccount): ApiAccess {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (!host || !port) {
    throw new Error(
      `KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT: found ${host || 'none'}, ${port || 'none'}, ` +
        'expected an address and a port; run this in a pod, or name a kubeconfig',
    );
  }
  return {
    origin: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    credentials: async () => {
      const [ca, token] = await Promise.all(['ca.crt', 'token'].map((name) => readFile(join(folder, name), 'utf8')));
      return { ca: ca ?? '', token: (token ?? '').trim() };
    },
  };
}

interface NamedEntry {
  readonly name: string;
}
interface ClusterEntry extends NamedEntry {
  readonly cluster: Readonly<Record<string, string>>;
}
interface UserEntry extends NamedEntry {
  readonly user: Readonly<Record<string, string>>;
}
interface ContextEntry extends NamedEntry {
  readonly context: { readonly cluster: string; readonly user: string };
}
interface Kubeconfig {
  readonly 'current-context'?: string;
  readonly clusters?: readonly ClusterEntry[];
  readonly users?: readonly UserEntry[];
  readonly contexts?: readonly ContextEntry[];
}

/**
 * The access that a kubeconfig describes; the file is read again with the credentials.
 * @param context @default the file's current one
 * @throws when the context, its cluster or its user is not in the file; when the user signs in by a program.
 */
export async function kubeconfigAccess(path: string, context?: string): Promise<ApiAccess> {
  const { cluster } = await readContext(path, context);
  const { server } = cluster;
  if (server === undefined) throw new Error(`${path}: the cluster has no server; expected https://HOST:PORT`);
  return { origin: new URL(server).origin, credentials: async () => readCredentials(path, context) };
}

async function readContext(path: string, wanted: string | undefined) {
  const file = parse(await readFile(path, 'utf8')) as Kubeconfig;
  const name = wanted ?? file['current-context'];
  const context = file.contexts?.find((entry) => entry.name === name)?.context;
  const cluster = file.clusters?.find((entry) => entry.name === context?.cluster)?.cluster;
  const user = file.users?.find((entry) => entry.name === context?.user)?.user;
  if (context === undefined || cluster === undefined || user === undefined) {
    const known = (file.contexts ?? []).map((entry) => entry.name).toSorted();
    throw new Error(
      `${path}: found no whole context ${name ?? '(none is current)'}, expected one with its cluster and user; ` +
        `it has ${known.join(', ') || 'none'}`,
    );
  }
  return { cluster, user };
}

async function readCredentials(path: string, context: string | undefined): Promise<Credentials> {
  const { cluster, user } = await readContext(path, context);
  if (user.exec !== undefined || user['auth-provider'] !== undefined) {
    throw new Error(`${path}: the user signs in by a program; expected a token, a tokenFile or a client certificate`);
  }
  const pem = async (entry: Readonly<Record<string, string>>, name: string) => {
    const data = entry[`${name}-data`];
    if (data !== undefined) return Buffer.from(data, 'base64').toString();
    return entry[name] === undefined ? undefined : readFile(entry[name], 'utf8');
  };
  const token = user.tokenFile === undefined ? user.token : (await readFile(user.tokenFile, 'utf8')).trim();
  const [ca, cert, key] = await Promise.all([
    pem(cluster, 'certificate-authority'),
    pem(user, 'client-certificate'),
    pem(user, 'client-key'),
  ]);
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(token === undefined ? {} : { token }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}
