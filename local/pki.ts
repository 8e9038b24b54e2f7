import { createHash, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterPaths } from './cluster.ts';
import { run } from './command.ts';
import type { Topology } from './topology.ts';

/** One certificate: who it is for and what it may be used as. Its files are `<name>.crt` and `<name>.key`. */
export interface CertificateSpec {
  readonly name: string;
  /** Signs it. `undefined` for an authority, which signs itself. */
  readonly authority: 'ca' | 'etcd-ca' | 'front-proxy-ca' | undefined;
  readonly commonName: string;
  /** Kubernetes reads this as the group. @default none */
  readonly organization?: string;
  /** Names and addresses a server answers to, as `DNS:x` or `IP:y`. @default none: a client */
  readonly alternativeNames?: readonly string[];
}

const authorities: readonly CertificateSpec[] = [
  { name: 'ca', authority: undefined, commonName: 'edgeplane' },
  { name: 'etcd-ca', authority: undefined, commonName: 'edgeplane etcd' },
  { name: 'front-proxy-ca', authority: undefined, commonName: 'edgeplane front proxy' },
];

/** Every certificate of a cluster. Each component has its own and can do no more than its name allows. */
export function certificateSpecs(topology: Topology): readonly CertificateSpec[] {
  const api = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'];
  const client = (name: string, commonName: string, organization?: string): CertificateSpec => ({
    name,
    authority: 'ca',
    commonName,
    ...(organization === undefined ? {} : { organization }),
  });
  return [
    {
      name: 'kube-apiserver',
      authority: 'ca',
      commonName: 'kube-apiserver',
      alternativeNames: [
        ...api.map((name) => `DNS:${name}`),
        ...['127.0.0.1', topology.controlPlane.address, topology.kubernetesServiceAddress].map((ip) => `IP:${ip}`),
      ],
    },
    { name: 'etcd', authority: 'etcd-ca', commonName: 'etcd', alternativeNames: ['IP:127.0.0.1', 'DNS:localhost'] },
    { name: 'front-proxy-client', authority: 'front-proxy-ca', commonName: 'front-proxy-client' },
    { name: 'etcd-client', authority: 'etcd-ca', commonName: 'kube-apiserver' },
    client('admin', 'edgeplane-admin', 'system:masters'),
    client('load-balancer', 'edgeplane:load-balancer'),
    client('kubelet-client', 'edgeplane:kubelet-client'),
    client('kube-controller-manager', 'system:kube-controller-manager'),
    client('kube-scheduler', 'system:kube-scheduler'),
    client('kube-proxy', 'system:kube-proxy'),
    ...topology.nodes.map((node) => ({
      ...client(`kubelet-${node.name}`, `system:node:${node.name}`, 'system:nodes'),
      alternativeNames: [`IP:${node.address}`, `DNS:${node.name}`],
    })),
  ];
}

const file = (paths: ClusterPaths, name: string) => join(paths.pki, name);
const validDays = 365;
const renewBeforeMs = 30 * 24 * 3600 * 1000;

/** The authority's own certificate is part of the identity: a new authority makes every certificate anew. */
function identity(paths: ClusterPaths, spec: CertificateSpec): string {
  const signer = spec.authority ? readFileSync(file(paths, `${spec.authority}.crt`), 'utf8') : '';
  return createHash('sha256').update(JSON.stringify(spec)).update(signer).digest('hex');
}

function isIssued(paths: ClusterPaths, spec: CertificateSpec): boolean {
  try {
    const expires = Date.parse(new X509Certificate(readFileSync(file(paths, `${spec.name}.crt`))).validTo);
    const issuedFor = readFileSync(file(paths, `${spec.name}.spec`), 'utf8');
    return (
      existsSync(file(paths, `${spec.name}.key`)) &&
      issuedFor === identity(paths, spec) &&
      expires - Date.now() > renewBeforeMs
    );
  } catch {
    return false; // Not there, or cut off by a crash.
  }
}

function extensions(spec: CertificateSpec): readonly string[] {
  if (!spec.authority) return ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'];
  const names = spec.alternativeNames ?? [];
  return [
    'basicConstraints=critical,CA:FALSE',
    'keyUsage=critical,digitalSignature',
    `extendedKeyUsage=clientAuth${names.length > 0 ? ',serverAuth' : ''}`,
    ...(names.length > 0 ? [`subjectAltName=${names.join(',')}`] : []),
  ];
}

async function issue(paths: ClusterPaths, spec: CertificateSpec): Promise<void> {
  const subject = `${spec.organization === undefined ? '' : `/O=${spec.organization}`}/CN=${spec.commonName}`;
  const signer = spec.authority
    ? ['-CA', file(paths, `${spec.authority}.crt`), '-CAkey', file(paths, `${spec.authority}.key`)]
    : [];
  const temporary = (kind: string) => file(paths, `.${spec.name}.${kind}`);
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', `${validDays}`],
    ...['-config', '/dev/null', '-subj', subject, ...signer],
    ...extensions(spec).flatMap((extension) => ['-addext', extension]),
    ...['-keyout', temporary('key'), '-out', temporary('crt')],
  ]);
  await rename(temporary('key'), file(paths, `${spec.name}.key`));
  await rename(temporary('crt'), file(paths, `${spec.name}.crt`));
  // Written last: without it the pair is made again.
  await writeFile(file(paths, `${spec.name}.spec`), identity(paths, spec), { mode: 0o600 });
}

async function writeOnce(path: string, content: () => string): Promise<void> {
  if (existsSync(path)) return;
  await writeFile(`${path}.new`, content(), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

const serviceAccountKey = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' }).toString();

/** Secrets are encrypted in etcd; `identity` lets nothing else be written, only read. */
const encryptionConfiguration = () =>
  JSON.stringify({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'EncryptionConfiguration',
    resources: [
      {
        resources: ['secrets'],
        providers: [
          { secretbox: { keys: [{ name: 'local', secret: randomBytes(32).toString('base64') }] } },
          { identity: {} },
        ],
      },
    ],
  });

/** Whether every key and certificate is there, for these names and for 30 days more. */
export function hasCertificates(paths: ClusterPaths, topology: Topology): boolean {
  return (
    ['service-account.key', 'encryption.json'].every((name) => existsSync(file(paths, name))) &&
    authorities.every((spec) => isIssued(paths, spec)) &&
    certificateSpecs(topology).every((spec) => isIssued(paths, spec))
  );
}

/** Makes the keys and certificates that are missing, meant for other names, or about to expire. */
export async function ensureCertificates(paths: ClusterPaths, topology: Topology): Promise<void> {
  await mkdir(paths.pki, { recursive: true, mode: 0o700 });
  await writeOnce(file(paths, 'service-account.key'), serviceAccountKey);
  await writeOnce(file(paths, 'encryption.json'), encryptionConfiguration);
  const missing = (specs: readonly CertificateSpec[]) =>
    Promise.all(specs.filter((spec) => !isIssued(paths, spec)).map((spec) => issue(paths, spec)));
  await missing(authorities);
  await missing(certificateSpecs(topology));
}

/** The public text of certificates: what a daemon that uses them is to be restarted for when it changes. */
export function certificateTexts(paths: ClusterPaths, names: readonly string[]): readonly string[] {
  return names.map((name) => readFileSync(file(paths, `${name}.crt`), 'utf8'));
}

/**
 * A kubeconfig that holds the named client certificate, as JSON, which every YAML reader takes.
 * It contains a private key: write it with mode 0600.
 */
export async function kubeconfig(paths: ClusterPaths, topology: Topology, certificate: string): Promise<string> {
  const data = async (name: string) => (await readFile(file(paths, name))).toString('base64');
  const name = `edgeplane-${topology.shape.name}`;
  const server = `https://${topology.controlPlane.address}:${topology.controlPlane.apiPort}`;
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server, 'certificate-authority-data': await data('ca.crt') } }],
    contexts: [{ name, context: { cluster: name, user: certificate } }],
    users: [
      {
        name: certificate,
        user: {
          'client-certificate-data': await data(`${certificate}.crt`),
          'client-key-data': await data(`${certificate}.key`),
        },
      },
    ],
  });
}
