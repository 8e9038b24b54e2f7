import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defineApp } from '../../components/model/define.ts';
import { startTraefik, type TraefikDriver } from '../conformance/traefik-driver.ts';
import { differences, judge } from '../conformance/verdict.ts';
import { mainWorld, on, type World } from '../conformance/worlds.ts';
import { certManagerCrds } from '../judges/judges.ts';
import { settled } from './kubectl.ts';
import { sharedCluster } from './shared-cluster.ts';

const cluster = sharedCluster();
const namespace = 'conformance-certificates';
const folder = mkdtempSync(join(tmpdir(), 'certificates-'));

/** An app that speaks TLS with a certificate of its own; `ca` is what its port names. */
const secure = (name: string, ca: string | null) =>
  defineApp({
    name,
    image: 'edgeplane.local/gatekeeper:local',
    command: ['/usr/bin/node', '/srv/server.js'],
    files: {
      '/srv/server.js': { config: { name: 'server', key: 'server.js' } },
      '/tls/tls.crt': { secret: { name: `${name}-tls`, key: 'tls.crt' } },
      '/tls/tls.key': { secret: { name: `${name}-tls`, key: 'tls.key' } },
    },
    ports: { https: { port: 8443, protocol: 'https', ...(ca === null ? {} : { ca }) } },
    probes: { readiness: { check: { tcp: { port: 'https' } }, timing: { periodSeconds: 1 } } },
    resources: { cpu: '10m', memory: '96Mi' },
    replicas: 1,
    callers: 'any',
    routes: [{ hosts: [`${name}.test`] }],
  });

const program = `
const { readFileSync } = require('node:fs');
const tls = { key: readFileSync('/tls/tls.key'), cert: readFileSync('/tls/tls.crt') };
const answer = (request, response) =>
  response.writeHead(200, { 'X-Echo-Service': 'secure' }).end('by ' + request.socket.getProtocol());
require('node:https').createServer(tls, answer).listen(8443);
process.on('SIGTERM', () => process.exit(0));
`;

const world: World = {
  name: 'certificates',
  environment: { ...mainWorld.environment, namespace, dnsTarget: 'edge.example.test' },
  definitions: [
    ...mainWorld.definitions.filter(({ kind, name }) => kind === 'App' && ['a', 'b'].includes(name)),
    on('a', 'published', [
      { hosts: ['issued.test', 'also.issued.test'], tls: { issuer: 'house' }, dns: true },
      { hosts: ['local.test'], tls: { issuer: 'team', cluster: false } },
      { hosts: ['silent.test'], dns: false },
    ]),
    secure('trusted', 'house-ca'),
    secure('stranger', 'other-ca'),
    secure('public', null),
    secure('misnamed', 'house-ca'),
  ],
};

let driver: TraefikDriver;

function openssl(...words: readonly string[]): void {
  execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });
}

const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
function authority(name: string): void {
  openssl(
    'req',
    '-x509',
    ...curve,
    '-days',
    '7',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.crt`,
  );
}

/** A certificate for a name, signed by an authority: `tls.crt` and `tls.key` of a Secret. */
function certificate(ca: string, name: string): Readonly<Record<string, string>> {
  writeFileSync(join(folder, 'names'), `subjectAltName=DNS:${name}\n`);
  openssl('req', ...curve, '-subj', `/CN=${name}`, '-keyout', 'leaf.key', '-out', 'leaf.csr');
  const signer = ['-CA', `${ca}.crt`, '-CAkey', `${ca}.key`, '-CAcreateserial', '-extfile', 'names'];
  openssl('x509', '-req', '-in', 'leaf.csr', ...signer, '-days', '7', '-out', 'leaf.crt');
  return { 'tls.crt': read('leaf.crt'), 'tls.key': read('leaf.key') };
}

function read(file: string): string {
  return readFileSync(join(folder, file), 'utf8');
}

const secret = (name: string, type: string, stringData: Readonly<Record<string, string>>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace },
  type,
  stringData,
});

beforeAll(async () => {
  driver = await startTraefik(cluster, world);
  const { kubectl } = driver;
  await kubectl('apply', '--server-side', '-f', await certManagerCrds());
  await kubectl('wait', '--for=condition=Established', 'crd/certificates.cert-manager.io', '--timeout=60s');
  await kubectl.freshNamespace(namespace);
  for (const name of ['house-ca', 'other-ca']) authority(name);
  const data = { 'server.js': program };
  await driver.apply([
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'server', namespace }, data },
    ...['house-ca', 'other-ca'].map((name) => secret(name, 'Opaque', { 'ca.crt': read(`${name}.crt`) })),
    ...['trusted', 'stranger', 'public'].map((name) =>
      secret(`${name}-tls`, 'kubernetes.io/tls', certificate('house-ca', `${name}.${namespace}.svc`)),
    ),
    secret('misnamed-tls', 'kubernetes.io/tls', certificate('house-ca', 'somebody.else.svc')),
  ]);
  await driver.serve(world);
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await driver.forget(world);
});

describe('targets that speak https', () => {
  test('one whose certificate is signed by the CA of its port, for the name of its Service, is called', async () => {
    const expected = { status: 200, service: 'secure' };
    const request = { host: 'trusted.test', target: '/' };
    expect(await judge(driver, { id: 'g1', says: '', request, expect: expected })).toEqual([]);
    await settled(
      () => driver.send(request),
      ({ body }) => body === 'by TLSv1.3',
    );
  });

  test.each([
    ['signed by another CA', 'stranger'],
    ['signed by no public CA, where no other is named', 'public'],
    ['for another name', 'misnamed'],
  ])('one whose certificate is %s is never called', async (_, name) => {
    await settled(
      () => driver.send({ host: 'trusted.test', target: '/' }),
      ({ status }) => status === 200,
    );
    const answer = await driver.send({ host: `${name}.test`, target: '/' });
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(differences({ status: answer.status, service: null }, answer)).toEqual([]);
  });
});

interface Certificate {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly secretName: string;
    readonly dnsNames: readonly string[];
    readonly issuerRef: { readonly name: string; readonly kind: string; readonly group: string };
    readonly privateKey: { readonly rotationPolicy: string };
  };
}

interface IngressRoute {
  readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
  readonly spec: { readonly tls?: { readonly secretName?: string }; readonly routes: readonly { match: string }[] };
}

const listed = async <T>(kind: string) =>
  ((await driver.kubectl.json('-n', namespace, 'get', kind)) as { readonly items: readonly T[] }).items;
const certificates = () => listed<Certificate>('certificates.cert-manager.io');
const routesOf = async (host: string) =>
  (await listed<IngressRoute>('ingressroutes.traefik.io')).filter(
    ({ spec, metadata }) =>
      metadata.annotations['edgeplane.dev/route'] !== undefined && spec.routes[0]?.match.includes(`"${host}"`),
  );

describe('cert-manager', () => {
  test("the API server took a Certificate by cert-manager's own schema, with host, issuer and Secret", async () => {
    const issued = (await certificates()).filter(({ spec }) => spec.issuerRef.name === 'house');
    expect(issued.flatMap(({ spec }) => spec.dnsNames).toSorted()).toEqual(['also.issued.test', 'issued.test']);
    for (const { spec } of issued) {
      expect(spec.issuerRef).toEqual({ name: 'house', kind: 'ClusterIssuer', group: 'cert-manager.io' });
      expect(spec.privateKey.rotationPolicy).toBe('Always');
    }
    const own = (await certificates()).find(({ spec }) => spec.dnsNames.includes('local.test'));
    expect(own?.spec.issuerRef).toEqual({ name: 'team', kind: 'Issuer', group: 'cert-manager.io' });
  });

  test('the route shows the certificate once it is in the Secret that the Certificate names', async () => {
    const found = (await certificates()).find(({ spec }) => spec.dnsNames.includes('issued.test'));
    const secretName = found?.spec.secretName ?? '';
    const tls = (await routesOf('issued.test')).flatMap(({ spec }) => spec.tls?.secretName ?? []);
    expect(tls).toEqual([secretName]);
    // As cert-manager would, had it an issuer.
    await driver.apply([secret(secretName, 'kubernetes.io/tls', certificate('house-ca', 'issued.test'))]);
    const answer = await settled(
      () => driver.send({ scheme: 'https', host: 'issued.test', target: '/x' }),
      ({ certificateNames, status }) => certificateNames === 'DNS:issued.test' && status === 200,
    );
    expect(differences({ status: 200, service: 'a' }, answer)).toEqual([]);
  });
});

describe('external-dns', () => {
  const name = 'external-dns.alpha.kubernetes.io/hostname';
  const target = 'external-dns.alpha.kubernetes.io/target';

  test('every IngressRoute of a published host names it and what it points to', async () => {
    for (const host of ['issued.test', 'also.issued.test']) {
      const routes = await routesOf(host);
      expect(routes.length).toBeGreaterThan(0);
      for (const { metadata } of routes)
        expect(metadata.annotations).toMatchObject({ [name]: host, [target]: 'edge.example.test' });
    }
  });

  test('a host that is not to be published has neither', async () => {
    for (const { metadata } of await routesOf('silent.test'))
      expect(Object.keys(metadata.annotations).filter((key) => key.startsWith('external-dns'))).toEqual([]);
  });

  test('the load balancer has the name that published hosts point to', async () => {
    const service = await driver.kubectl.json('-n', 'edgeplane-edge', 'get', 'service', 'edgeplane-edge');
    const { metadata } = service as { metadata: { annotations: Readonly<Record<string, string>> } };
    expect(metadata.annotations[name]).toBe('edge.example.test');
  });
});
