import { describe, expect, test } from 'vitest';
import { compile } from '../../../../components/compile/compile.ts';
import type { KubeObject } from '../../../../components/compile/output.ts';
import { defineApp, defineRoutes } from '../../../../components/model/define.ts';
import type { Environment } from '../../../../components/model/schema/environment.ts';

const open = { open: 'shows nothing secret' } as const;
const environment: Environment = {
  name: 'local',
  kind: 'local',
  edge: 'pods',
  exposure: { loadBalancer: { clientAddress: 'preserved' } },
  namespace: 'apps',
  protection: open,
};

type Routes = NonNullable<Parameters<typeof defineApp>[0]['routes']>;

function app(routes: Routes, name = 'nodejs') {
  return defineApp({
    name,
    image: 'edgeplane.local/echo:local',
    ports: { http: 3000, other: 3001 },
    probes: { readiness: { check: { tcp: { port: 'http' } } } },
    routes,
  });
}

function compiled(definitions: readonly object[], changes: Partial<Environment> = {}) {
  const input = definitions.map((each) => ({ input: each }));
  const first = compile({ environment: { ...environment, ...changes }, definitions: input, today: '2026-11-21' });
  const problems = first.ok ? [] : first.problems;
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  const losses = first.ok ? [] : first.losses;
  const acceptedLosses = losses.map(({ name, at }) => ({
    name,
    at: `${at.subject}, ${at.path}`,
    reason: 'seen by the test',
    until: '2099-01-01',
  }));
  const accepted = compile({
    environment: { ...environment, ...changes, acceptedLosses },
    definitions: input,
    today: '2026-11-21',
  });
  if (!accepted.ok) throw new Error(JSON.stringify(accepted));
  const objects = accepted.groups.flatMap((group) => group.objects);
  return { objects, losses: losses.map(({ name }) => name), groups: accepted.groups.map(({ name }) => name) };
}

/** What the routers read on the pods of an app. */
function marksOf(objects: readonly KubeObject[], name = 'nodejs') {
  const found = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name);
  const spec = found?.spec as
    | { template: { metadata: { labels: object; annotations: Record<string, string> } } }
    | undefined;
  const { labels = {}, annotations = {} } = spec?.template.metadata ?? {};
  const routing = Object.fromEntries(Object.entries(annotations).filter(([key]) => !key.includes('/')));
  return { routable: (labels as Record<string, string>).routable ?? null, routing };
}

describe('pods of an app', () => {
  test('say hosts, and ports with paths', () => {
    const { objects, losses } = compiled([app([{ hosts: ['test.k8s.local'], paths: ['/nodejs'] }])]);
    expect(losses).toEqual([]);
    expect(marksOf(objects)).toEqual({
      routable: 'true',
      routing: { routingHosts: 'test.k8s.local', routingPaths: '3000:/nodejs' },
    });
  });

  test('several routes are one list of paths on the same hosts', () => {
    const hosts = ['a.test', 'b.test'];
    const { objects, losses } = compiled([
      app([
        { hosts, paths: ['/'] },
        { hosts, paths: ['/metrics'], to: 'other' },
      ]),
    ]);
    expect(losses).toEqual([]);
    expect(marksOf(objects).routing).toEqual({ routingHosts: 'a.test b.test', routingPaths: '3000:/ 3001:/metrics' });
  });

  test('demand the key of their namespace, and the router checks it without a gatekeeper', () => {
    const { objects, groups } = compiled([app([{ hosts: ['a.test'], protection: { apiKey: {} } }])]);
    expect(marksOf(objects).routing.routingApiKey).toBe('required');
    expect(groups.some((name) => name.includes('gatekeeper'))).toBe(false);
  });

  test('public and private routes go to two routers, each with names and a Secret key of its own', () => {
    const { objects, losses } = compiled(
      [
        app([
          {
            hosts: ['test.k8s.com'],
            paths: ['/public'],
            protection: { apiKey: { secret: 'routing:public-api-key' } },
          },
          {
            hosts: ['test.k8s.local'],
            paths: ['/internal'],
            audience: 'private',
            protection: { apiKey: { secret: 'routing:private-api-key' } },
          },
        ]),
      ],
      { privateDoor: true },
    );
    expect(losses).toEqual([]);
    expect(marksOf(objects).routing).toEqual({
      publicHosts: 'test.k8s.com',
      publicPaths: '3000:/public',
      publicApiKey: 'required',
      privateHosts: 'test.k8s.local',
      privatePaths: '3000:/internal',
      privateApiKey: 'required',
    });
  });

  test('without routes for the router have no label', () => {
    expect(marksOf(compiled([app([])]).objects)).toEqual({ routable: null, routing: {} });
  });
});

describe('what annotations of pods have no words for', () => {
  test.each<[string, Routes, readonly string[]]>([
    ['an exact path', [{ hosts: ['a.test'], paths: [{ exact: '/x' }] }], ['pods/exact-path']],
    ['a wildcard', [{ hosts: ['*.a.test'] }], ['pods/wildcard-host']],
    ['a route without host', [{}], ['pods/host-less']],
    ['a method', [{ hosts: ['a.test'], methods: ['GET'] }], ['pods/method-and-header-match']],
    ['a rewrite', [{ hosts: ['a.test'], paths: ['/x'], rewrite: { stripPrefix: true } }], ['pods/rewrite']],
    ['a bearer token', [{ hosts: ['a.test'], protection: { bearer: {} } }], ['pods/routing-key']],
    ['another Secret', [{ hosts: ['a.test'], protection: { apiKey: { secret: 'mine:key' } } }], ['pods/routing-key']],
    ['basic auth', [{ hosts: ['a.test'], protection: { basicAuth: { secret: 's' } } }], ['pods/basic-auth']],
    ['TLS', [{ hosts: ['a.test'], tls: 'default' }], ['pods/tls']],
    ['the private door of an environment without', [{ hosts: ['a.test'], audience: 'private' }], ['pods/private-door']],
    ['a redirect', [{ hosts: ['a.test'], redirect: { to: 'https://b.test/' } }], ['pods/redirect-status']],
  ])('%s', (_, routes, expected) => {
    expect(compiled([app(routes)]).losses).toEqual(expected);
  });

  test('a protection that is lost leaves the route out rather than open', () => {
    const { objects } = compiled([app([{ hosts: ['a.test'], protection: { basicAuth: { secret: 's' } } }])]);
    expect(marksOf(objects).routable).toBeNull();
  });

  test('routes on a Service of somebody else', () => {
    const routes = defineRoutes({
      name: 'r',
      service: { name: 's', ports: { http: 80 } },
      routes: [{ hosts: ['a.test'] }],
    });
    expect(compiled([routes]).losses).toEqual(['pods/service-routes']);
  });

  test('other paths on one host than on another', () => {
    const routes: Routes = [
      { hosts: ['a.test'], paths: ['/x'] },
      { hosts: ['b.test'], paths: ['/y'] },
    ];
    expect(compiled([app(routes)]).losses).toEqual(['pods/host-path-product', 'pods/host-path-product']);
  });

  test('an open route in a namespace whose key is asked for', () => {
    const guarded = app([{ hosts: ['a.test'], protection: { apiKey: {} } }], 'guarded');
    expect(compiled([guarded, app([{ hosts: ['b.test'] }])]).losses).toEqual(['pods/key-for-all']);
  });
});

describe('the routers', () => {
  function daemonSet(changes: Partial<Environment>) {
    const { objects } = compiled([app([{ hosts: ['a.test'] }])], changes);
    const found = objects.find(({ kind }) => kind === 'DaemonSet');
    const spec = found?.spec as { template: { spec: { containers: readonly Container[] } } } | undefined;
    return { objects, containers: spec?.template.spec.containers ?? [] };
  }

  interface Container {
    readonly name: string;
    readonly ports: readonly { readonly containerPort: number; readonly hostPort?: number }[];
    readonly env: readonly { readonly name: string; readonly value: string }[];
  }

  const value = ({ env }: Container, name: string) => env.find((each) => each.name === name)?.value;

  test('are one, with the names of the original', () => {
    const { containers } = daemonSet({});
    expect(containers.map(({ name }) => name)).toEqual(['router']);
    expect(containers.map((each) => value(each, 'API_KEY_SECRET_LOCATION'))).toEqual(['routing:api-key']);
  });

  test('or a public and a private one in one pod, told apart by what they are told', () => {
    const { containers, objects } = daemonSet({ privateDoor: true });
    expect(
      containers.map((each) => [each.name, value(each, 'HOSTS_ANNOTATION'), value(each, 'PATHS_ANNOTATION')]),
    ).toEqual([
      ['router-public', 'publicHosts', 'publicPaths'],
      ['router-private', 'privateHosts', 'privatePaths'],
    ]);
    const ports = containers.flatMap((each) => each.ports.map(({ containerPort }) => containerPort));
    expect(new Set(ports).size).toBe(ports.length);
    const service = objects.find(
      ({ kind, metadata }) => kind === 'Service' && metadata.name === 'edgeplane-edge-private',
    );
    expect(service?.spec).toMatchObject({ type: 'ClusterIP', ports: [{ port: 81 }] });
  });

  test('the private door stands on no port of a node', () => {
    const { containers } = daemonSet({ privateDoor: true, exposure: { hostPort: {} } });
    expect(containers.map((each) => each.ports.flatMap(({ hostPort }) => hostPort ?? []))).toEqual([[80], []]);
  });

  test('read of all Secrets only those of the one name', () => {
    const role = daemonSet({}).objects.find(({ kind }) => kind === 'ClusterRole');
    const rules = role?.rules as readonly { resources: readonly string[]; resourceNames?: readonly string[] }[];
    expect(rules.find(({ resources }) => resources.includes('secrets'))?.resourceNames).toEqual(['routing']);
  });
});
