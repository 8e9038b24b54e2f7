import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cacheHome } from '../../../local/cluster.ts';
import { createProgress } from '../../../local/progress.ts';
import { ensureTools } from '../../../local/tools.ts';
import { type ConsulServer, startConsul } from '../../consul.ts';
import { freePorts } from '../../free-ports.ts';
import { type ApiServer, startApiServer } from '../../kube-apiserver.ts';
import { eventually } from '../kubectl.ts';
import { createWorld, untilIds } from './catalog-world.ts';

let server: ApiServer;
let consul: ConsulServer;
let traefik: ChildProcess;
let api: string;

const edgeRules = 'node_prefix "" { policy = "read" }\nservice_prefix "" { policy = "read" }';

beforeAll(async () => {
  [server, consul] = await Promise.all([startApiServer(), startConsul()]);
  const progress = createProgress({ isTTY: false, write: (text) => process.stderr.write(text) });
  const root = join(__dirname, '../../..');
  const context = {
    modules: join(root, 'local/tools'),
    cacheDir: join(cacheHome(process.env), 'tools'),
    env: process.env,
    progress,
  };
  const { traefik: binary } = await ensureTools(['traefik'], context);
  const [web, admin] = await freePorts(2);
  api = `http://127.0.0.1:${admin}/api`;
  // Traefik takes its options from one place alone, and the token is to be in no command line.
  traefik = spawn(binary, [], {
    stdio: 'ignore',
    env: {
      TRAEFIK_ENTRYPOINTS_WEB_ADDRESS: `127.0.0.1:${web}`,
      TRAEFIK_ENTRYPOINTS_TRAEFIK_ADDRESS: `127.0.0.1:${admin}`,
      TRAEFIK_API_INSECURE: 'true',
      TRAEFIK_PROVIDERS_PROVIDERSTHROTTLEDURATION: '100ms',
      TRAEFIK_PROVIDERS_CONSULCATALOG_EXPOSEDBYDEFAULT: 'false',
      TRAEFIK_PROVIDERS_CONSULCATALOG_WATCH: 'true',
      TRAEFIK_PROVIDERS_CONSULCATALOG_DEFAULTRULE: 'Host("default.invalid")',
      TRAEFIK_PROVIDERS_CONSULCATALOG_ENDPOINT_ADDRESS: new URL(consul.origin).host,
      TRAEFIK_PROVIDERS_CONSULCATALOG_ENDPOINT_TOKEN: await consul.tokenOf(edgeRules),
    },
  });
  await once(traefik, 'spawn');
});

afterAll(async () => {
  if (traefik?.exitCode === null) {
    const gone = once(traefik, 'exit');
    traefik.kill();
    await gone;
  }
  await consul?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

interface Router {
  readonly name: string;
  readonly rule: string;
  readonly status: string;
  readonly service: string;
  readonly middlewares?: readonly string[];
}

const list = async <T>(path: string) => {
  const answer = await fetch(`${api}/${path}?per_page=1000`).catch(() => null);
  // Its API is a router too, and is there a moment after its port.
  return answer?.ok ? ((await answer.json()) as readonly T[]) : [];
};
const routers = async () => {
  const all = await list<Router>('http/routers');
  return all.filter(({ name }) => name.endsWith('@consulcatalog'));
};
const rules = async () => Object.fromEntries((await routers()).map(({ name, rule }) => [name.split('@')[0], rule]));
const servers = async (name: string) => {
  const all = await list<{ name: string; loadBalancer?: { servers?: { url: string }[] } }>('http/services');
  const found = all.find((service) => service.name === `${name}@consulcatalog`);
  return (found?.loadBalancer?.servers ?? []).map(({ url }) => url).toSorted();
};

const until = <T>(ask: () => Promise<T>, wanted: T) =>
  eventually(ask, (found) => JSON.stringify(found) === JSON.stringify(wanted));

test('T7, T10: Traefik serves a Service of 2016 under the host it asks for, from both nodes', async () => {
  await using world = createWorld(server, consul);
  const namespace = await world.namespace('old');
  await world.node(`${world.id}-n1`, '10.132.0.2');
  await world.node(`${world.id}-n2`, '10.132.0.3');
  await world.service(namespace, 'my-service', {
    nodePort: 31234,
    annotations: { 'traefik.io/frontend.rule': 'Host:db.internal.example.org;PathPrefixStrip:/x' },
  });
  await world.publish(await world.flags(`--namespace=${namespace}`));
  await until(rules, {
    'my-service': '(Host("db.internal.example.org")) && ((Path("/x")) || (PathPrefix("/x/")))',
  });
  await until(() => servers('my-service'), ['http://10.132.0.2:31234', 'http://10.132.0.3:31234']);
  const [router] = await routers();
  expect(router).toMatchObject({ status: 'enabled', middlewares: ['my-service-strip@consulcatalog'] });
});

test('T10: as it is, the label of Traefik 1 would have been served under the default rule', async () => {
  await using world = createWorld(server, consul);
  const namespace = await world.namespace('verbatim');
  await world.node(`${world.id}-n1`, '10.132.0.2');
  await world.service(namespace, 'old', {
    nodePort: 31235,
    annotations: { 'traefik.io/enable': 'true', 'traefik.io/frontend.rule': 'Host:db.internal.example.org' },
  });
  await world.publish(await world.flags(`--namespace=${namespace}`, '--traefik-v1=verbatim'));
  await until(rules, { old: 'Host("default.invalid")' });
});

test('T3, T4: what is critical or not enabled has no route', async () => {
  await using world = createWorld(server, consul);
  const namespace = await world.namespace('health');
  const [one, two] = [`${world.id}-n1`, `${world.id}-n2`];
  await world.node(one, '10.132.0.2');
  await world.node(two, '10.132.0.3');
  const rule = (name: string) => ({ [`traefik.io/http.routers.${name}.rule`]: `Host(\`${name}.x\`)` });
  await world.service(namespace, 'on', {
    nodePort: 31236,
    annotations: { 'traefik.io/enable': 'true', ...rule('on') },
  });
  await world.service(namespace, 'off', {
    nodePort: 31237,
    annotations: { 'traefik.io/enable': 'false', ...rule('off') },
  });
  await world.service(namespace, 'unsaid', { nodePort: 31238, annotations: rule('unsaid') });
  await world.publish(await world.flags(`--namespace=${namespace}`));
  await untilIds(
    consul,
    world.id,
    ['on', 'off', 'unsaid'].flatMap((name, index) => [2, 3].map((host) => `${name}-10.132.0.${host}:${31236 + index}`)),
  );
  await until(rules, { on: 'Host(`on.x`)' });
  await world.node(two, '10.132.0.3', { ready: false });
  await until(() => servers('on'), ['http://10.132.0.2:31236']);
  await world.endpoints(namespace, 'on', { [one]: false });
  await until(rules, {});
  await world.endpoints(namespace, 'on', { [one]: true });
  await until(rules, { on: 'Host(`on.x`)' });
});

test('T6, T8: a change of rule or options never leaves a service without its router', async () => {
  await using world = createWorld(server, consul);
  const namespace = await world.namespace('change');
  for (const index of [1, 2, 3]) await world.node(`${world.id}-n${index}`, `10.132.0.${index}`);
  const annotations = (host: string, pass: string) => ({
    'traefik.io/enable': 'true',
    'traefik.io/http.routers.web.rule': `Host(\`${host}\`)`,
    'traefik.io/http.services.web.loadbalancer.passhostheader': pass,
  });
  await world.service(namespace, 'web', { nodePort: 31250, annotations: annotations('h0', 'true') });
  await world.publish(await world.flags(`--namespace=${namespace}`));
  await until(rules, { web: 'Host(`h0`)' });
  await until(
    () => servers('web'),
    [1, 2, 3].map((index) => `http://10.132.0.${index}:31250`),
  );
  let isDone = false;
  const seen: string[] = [];
  const watching = (async () => {
    while (!isDone) seen.push(`${Object.values(await rules())} ${(await servers('web')).length}`);
  })();
  for (const [index, pass] of ['false', 'true', 'false'].entries()) {
    const host = `h${index + 1}`;
    await world.service(namespace, 'web', { nodePort: 31251 + index, annotations: annotations(host, pass) });
    await until(rules, { web: `Host(\`${host}\`)` });
    const before = seen.length;
    await eventually(
      async () => seen.length,
      (count) => count >= before + 5,
    );
  }
  isDone = true;
  await watching;
  expect(seen.length).toBeGreaterThan(10);
  expect(seen.filter((state) => !/^Host\(`h\d`\) 3$/.test(state))).toEqual([]);
});

test('keys that Kubernetes refuses as annotations reach Traefik by the list', async () => {
  await using world = createWorld(server, consul);
  const namespace = await world.namespace('list');
  await world.node(`${world.id}-n1`, '10.132.0.2');
  const name = 'internal-dashboard-of-the-whole-company';
  await world.service(namespace, name, {
    nodePort: 31260,
    annotations: {
      'traefik.io/tags': [
        'traefik.enable=true',
        `traefik.http.routers.${name}.rule=Host("a.x") && PathPrefix("/\\u00fc")`,
        `traefik.http.middlewares.${name}.headers.customrequestheaders.X-Forwarded-By-The-Edge=yes`,
        `traefik.http.routers.${name}.middlewares=${name}`,
      ].join('\n'),
    },
  });
  await world.publish(await world.flags());
  const found = await eventually(routers, (all) => all.length === 1 && all[0]?.name.startsWith(name) === true);
  expect(found[0]).toMatchObject({
    status: 'enabled',
    rule: 'Host("a.x") && PathPrefix("/\\u00fc")',
    middlewares: [`${name}@consulcatalog`],
  });
});
