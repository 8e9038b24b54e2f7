import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { close, listen } from '../../../controllers/loop/serve.ts';
import { type ApiServer, startApiServer } from '../../kube-apiserver.ts';
import { ownerOf, type RunningRouter, startRunning } from './router-running.ts';

/** An address that no EndpointSlice refuses, put on this machine's loopback for as long as the suite runs. */
const address = '198.18.77.1';
const networking = '/apis/networking.k8s.io/v1';

let server: ApiServer;
let owner: ReturnType<typeof ownerOf>;
let app: Server;
let port: number;
let router: RunningRouter;

const ip = (...args: readonly string[]) => execFileSync('ip', args, { stdio: 'ignore' });

beforeAll(async () => {
  ip('address', 'replace', `${address}/32`, 'dev', 'lo');
  server = await startApiServer();
  owner = ownerOf(server);
  app = createServer((request, response) => response.end(`${request.headers.host}${request.url}`));
  port = await listen(app, 0, address);
  await owner.namespace('edge');
  await owner.namespace('shop');
  await owner.apply(`${networking}/ingressclasses/edgeplane`, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'edgeplane' },
    spec: { controller: 'edgeplane.dev/router' },
  });
  await service('edge', 'router', { type: 'LoadBalancer', ports: [{ port: 80 }] });
  await service('shop', 'web', { clusterIP: 'None', ports: [{ name: 'http', port }] });
  await owner.apply('/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices/web-1', {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [{ name: 'http', port, protocol: 'TCP' }],
  });
  router = await startRunning({
    access: server.access,
    environment: { SOURCE: 'ingresses', PUBLISH_SERVICE: 'edge/router' },
  });
});

afterAll(async () => {
  await router?.[Symbol.asyncDispose]();
  if (app !== undefined) await close(app);
  await server?.[Symbol.asyncDispose]();
  ip('address', 'delete', `${address}/32`, 'dev', 'lo');
});

function service(namespace: string, name: string, spec: object): Promise<void> {
  const object = { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec };
  return owner.apply(`/api/v1/namespaces/${namespace}/services/${name}`, object);
}

interface Sketch {
  readonly host?: string;
  readonly path?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly tls?: readonly object[];
}

function ingress(name: string, { host, path = '/', annotations = {}, tls = [] }: Sketch): Promise<void> {
  const backend = { service: { name: 'web', port: { name: 'http' } } };
  const http = { paths: [{ path, pathType: 'Prefix', backend }] };
  return owner.apply(`${networking}/namespaces/shop/ingresses/${name}`, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, annotations },
    spec: { ingressClassName: 'edgeplane', tls, rules: [host === undefined ? { http } : { host, http }] },
  });
}

const nginx = (name: string) => `nginx.ingress.kubernetes.io/${name}`;

test('a host is served from its Service; a rule without host takes the hosts nobody names', async () => {
  await ingress('plain', { host: 'plain.test' });
  await ingress('any', { path: '/any' });
  expect((await router.answers(200, 'plain.test', '/x?y=1')).body).toBe('plain.test/x?y=1');
  expect((await router.answers(200, 'nobody.test', '/any/x')).body).toBe('nobody.test/any/x');
  expect((await router.ask('plain.test', '/any')).body).toBe('plain.test/any');
  expect((await router.ask('nobody.test', '/')).status).toBe(404);
});

test('a TLS Secret is shown for its host, and plain HTTP is sent there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'router-tls-'));
  const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', join(folder, 'key'), '-out', join(folder, 'crt')];
  const subject = ['-days', '2', '-subj', '/CN=tls.test', '-addext', 'subjectAltName=DNS:tls.test'];
  execFileSync('openssl', ['req', '-x509', ...key, ...subject], { stdio: 'ignore' });
  const pair = {
    'tls.crt': readFileSync(join(folder, 'crt'), 'utf8'),
    'tls.key': readFileSync(join(folder, 'key'), 'utf8'),
  };
  rmSync(folder, { recursive: true });
  await ingress('tls', { host: 'tls.test', tls: [{ hosts: ['tls.test'], secretName: 'tls' }] });
  await router.answers(308, 'tls.test', '/');
  await expect.poll(() => owner.told('shop')).toContainEqual(expect.stringContaining('tls CertificateMissing'));
  await owner.secret('shop', 'tls', pair, 'kubernetes.io/tls');
  await router.until(
    () => router.askTls('tls.test', '/'),
    ({ certificateNames }) => certificateNames.includes('tls.test'),
  );
  expect((await router.askTls('tls.test', '/x')).body).toBe('tls.test/x');
});

test('an annotation nobody knows closes its Ingress, and leaves its requests to no broader route', async () => {
  await ingress('broad', { host: 'closed.test' });
  await ingress('narrow', {
    host: 'closed.test',
    path: '/admin',
    annotations: { [nginx('auth-tls-secret')]: 'shop/ca' },
  });
  await router.answers(503, 'closed.test', '/admin/x');
  expect((await router.ask('closed.test', '/')).status).toBe(200);
  await expect
    .poll(() => owner.told('shop'))
    .toContainEqual(expect.stringContaining('narrow InvalidIngress: found nginx'));
  await ingress('narrow', { host: 'closed.test', path: '/admin' });
  await router.answers(200, 'closed.test', '/admin/x');
});

test('basic auth whose Secret is missing lets nobody through, and its users when it is there', async () => {
  const annotations = { [nginx('auth-type')]: 'basic', [nginx('auth-secret')]: 'people' };
  await ingress('basic', { host: 'basic.test', annotations });
  await router.answers(503, 'basic.test', '/');
  const type = 'kubernetes.io/basic-auth';
  await owner.secret('shop', 'people', { username: 'ann', password: 'a password' }, type);
  await router.answers(401, 'basic.test', '/');
  const headers = [['Authorization', `Basic ${Buffer.from('ann:a password').toString('base64')}`]] as const;
  expect((await router.send({ host: 'basic.test', target: '/', headers })).status).toBe(200);
});

test('an Ingress that was made first keeps its host and path', async () => {
  await ingress('first', { host: 'owned.test', path: '/x' });
  await router.answers(200, 'owned.test', '/x');
  await ingress('second', {
    host: 'owned.test',
    path: '/x',
    annotations: { [nginx('permanent-redirect')]: 'https://evil.test/' },
  });
  await expect.poll(() => owner.told('shop')).toContainEqual(expect.stringContaining('second HostTaken'));
  expect((await router.ask('owned.test', '/x')).status).toBe(200);
});

test('the address of the edge is written into the status of every Ingress of ours', async () => {
  const path = `${networking}/namespaces/shop/ingresses/told`;
  await ingress('told', { host: 'told.test' });
  await owner.patchStatus('/api/v1/namespaces/edge/services/router', {
    loadBalancer: { ingress: [{ ip: '192.0.2.7' }] },
  });
  const addresses = async () => {
    const { status } = (await owner.get(path)) as { readonly status: { readonly loadBalancer: object } };
    return status.loadBalancer;
  };
  await expect.poll(addresses, { timeout: 120_000 }).toEqual({ ingress: [{ ip: '192.0.2.7' }] });
});
