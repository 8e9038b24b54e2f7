import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Definition } from '../../components/model/define.ts';
import { webServers } from '../../stacks/apps/web-servers.ts';
import { environment as stack } from '../../stacks/nginx.ts';
import { valuesOf } from '../conformance/raw-client.ts';
import { startEdge, type TraefikDriver } from '../conformance/traefik-driver.ts';
import { readReport } from '../conformance/verdict.ts';
import { echo, type World } from '../conformance/worlds.ts';
import { eventually, settled } from './kubectl.ts';
import { sharedCluster } from './shared-cluster.ts';

const cluster = sharedCluster();
const { topology } = cluster;
const namespace = 'web-servers';
const host = 'web.test';
const client = topology.outside.host;
const open = { open: 'a web server of a test' } as const;

/** httpd has one more virtual host, with a certificate. */
function withTls(definition: Definition): Definition {
  if (definition.kind !== 'App' || definition.name !== 'httpd') return definition;
  const secure = { hosts: ['tls.test'], tls: { secret: 'tls-test' } };
  return { ...definition, routes: [...(definition.routes ?? []), secure] };
}

/** httpd and Tomcat as in the stack, behind a load balancer that tells the client's address by PROXY protocol. */
const world: World = {
  name: 'web servers',
  environment: {
    ...stack,
    namespace,
    protection: open,
    exposure: { loadBalancer: { clientAddress: 'proxyProtocol' } },
    trustedProxies: [`${topology.router.address}/32`],
  },
  definitions: [...webServers(host).map(withTls), echo('seen', [], [{ hosts: ['seen.test'] }])],
};

let driver: TraefikDriver;

beforeAll(async () => {
  const images = ['router', 'gatekeeper', 'echo', 'httpd', 'tomcat'] as const;
  driver = await startEdge(cluster, world, { edge: 'nginx', images });
  await driver.serve(world);
  for (const [name, target, wanted] of firstPages)
    await settled(
      () => page(name, target),
      (found) => found === wanted,
    );
  // Each edge pod shows the certificate; the load balancer tells the client's address.
  await settled(
    () => driver.send({ scheme: 'https', host: 'tls.test', target: '/' }),
    ({ certificateNames }) => certificateNames === 'DNS:tls.test',
  );
  await settled(
    async () => valuesOf(readReport(await get('seen.test', '/'))?.headers ?? [], 'x-real-ip'),
    ([address]) => address === client,
  );
});

/** Of every Ingress one page: an edge pod learns of each by itself. */
const firstPages = [
  [host, '/httpd', '200 httpd'],
  [host, '/tomcat', '200 tomcat'],
  [`httpd.${host}`, '/', '200 httpd'],
  [`tomcat.${host}`, '/', '200 tomcat'],
  ['other.test', '/tomcat', '200 tomcat'],
  ['other.test', '/httpd', '200 httpd'],
  ['other.test', '/', '200 httpd'],
  [host, '/', '404'],
] as const;

afterAll(() => driver.forget(world));

const get = (name: string, target: string) => driver.send({ host: name, target });
const page = async (name: string, target: string) => {
  const { status, body } = await get(name, target);
  return `${status} ${/It works: (\w+)/.exec(body)?.[1] ?? ''}`.trim();
};
const logs = (app: string) =>
  driver.kubectl('-n', namespace, 'logs', '-l', `app.kubernetes.io/name=${app}`, '--prefix', '--tail=-1');

test('a path leads to the root of its server', async () => {
  expect(await Promise.all(['/httpd', '/tomcat', '/httpd/', '/tomcat/'].map((path) => page(host, path)))).toEqual([
    '200 httpd',
    '200 tomcat',
    '200 httpd',
    '200 tomcat',
  ]);
});

test('what is below the path is asked of the server without it, and the server is told', async () => {
  expect((await get(host, '/httpd/not/here?q=1')).status).toBe(404);
  await eventually(
    () => logs('httpd'),
    (text) => text.includes(`"GET /not/here?q=1 HTTP/1.1" 404 host=${host} prefix=/httpd`),
  );
});

test('each server has a virtual host', async () => {
  expect(await page(`httpd.${host}`, '/')).toBe('200 httpd');
  expect(await page(`tomcat.${host}`, '/')).toBe('200 tomcat');
});

test('rules without host and the default backend have every host that nobody names', async () => {
  expect(await page('other.test', '/tomcat')).toBe('200 tomcat');
  expect(await page('other.test', '/httpd')).toBe('200 httpd');
  expect(await page('other.test', '/')).toBe('200 httpd');
});

test('a host that is named never falls through to them', async () => {
  expect((await get(host, '/')).status).toBe(404);
  expect(valuesOf((await get(host, '/')).headers, 'server')).not.toContain('Apache');
});

test('TLS shows the certificate of the host, and plain HTTP leads there', async () => {
  const plain = await get('tls.test', '/x?y=z');
  expect([plain.status, valuesOf(plain.headers, 'location')]).toEqual([308, ['https://tls.test/x?y=z']]);
  const secure = await driver.send({ scheme: 'https', host: 'tls.test', target: '/' });
  expect([secure.status, secure.certificateNames]).toEqual([200, 'DNS:tls.test']);
});

test('both pods of each server answer', async () => {
  for (const app of ['httpd', 'tomcat'] as const) {
    await eventually(
      async () => {
        await Promise.all(Array.from({ length: 10 }, () => get(host, `/${app}`)));
        const lines = (await logs(app)).split('\n').filter((line) => line.includes(`prefix=/${app}`));
        return new Set(lines.map((line) => line.slice(0, line.indexOf(']')))).size;
      },
      (pods) => pods === 2,
    );
  }
});

test("the client's own address arrives at the app, whatever the client says", async () => {
  const answer = await driver.send({
    host: 'seen.test',
    target: '/',
    headers: [['X-Forwarded-For', '203.0.113.7']],
  });
  const headers = readReport(answer)?.headers ?? [];
  expect(valuesOf(headers, 'x-forwarded-for')).toEqual([client]);
  expect(valuesOf(headers, 'x-real-ip')).toEqual([client]);
});

test('and in the logs of the edge and of the servers', async () => {
  const target = '/httpd/?who=asks';
  await get(host, target);
  await eventually(
    () => logs('httpd'),
    (text) => text.includes(`${client} "GET /?who=asks`),
  );
  await eventually(
    // A pod of a rollout before may go while it is asked.
    () => driver.kubectl.attempt('-n', 'edgeplane-edge', 'logs', '-l', 'edgeplane.dev/component=edge', '--tail=-1'),
    ({ stdout }) => stdout.split('\n').some((line) => line.includes(client) && line.includes('/httpd/')),
  );
});
