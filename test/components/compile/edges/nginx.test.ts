import { describe, expect, test } from 'vitest';
import { capabilities } from '../../../../components/compile/edges/capability.ts';
import { nginxEdge } from '../../../../components/compile/edges/nginx.ts';
import type { EnvironmentPlan, RoutePlan } from '../../../../components/compile/plan.ts';
import { decodeIngress } from '../../../../components/dialects/nginx/decode.ts';
import { environmentPlan, planOf, routePlan } from './plans.ts';

type ServedBy = EnvironmentPlan['nginx']['servedBy'];

interface IngressObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations: Readonly<Record<string, string>> };
  readonly spec: {
    readonly ingressClassName: string;
    readonly defaultBackend?: unknown;
    readonly rules?: readonly { readonly host?: string; readonly http: { readonly paths: readonly unknown[] } }[];
    readonly tls?: readonly unknown[];
  };
}

function environment(servedBy: ServedBy = 'controller', changes: Partial<EnvironmentPlan> = {}): EnvironmentPlan {
  const ingressClass = servedBy === 'ingress-nginx' ? 'nginx' : 'edgeplane-nginx';
  const namespace = servedBy === 'ingress-nginx' ? 'ingress-nginx' : 'edgeplane-edge';
  return environmentPlan({ edge: 'nginx', nginx: { servedBy, namespace, ingressClass }, ...changes });
}

function emitted(routes: readonly RoutePlan[], servedBy?: ServedBy) {
  const output = nginxEdge.emit(planOf(routes, environment(servedBy)));
  const objects = (output.apps.get('apps/shop') ?? []) as unknown as readonly IngressObject[];
  return { objects, losses: output.losses.map(({ name }) => name) };
}

function optionsOf(object: IngressObject | undefined) {
  const decoded = decodeIngress(object?.metadata.annotations ?? {});
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.problems));
  return decoded.options;
}

const atPath = (path: string, kind: 'exact' | 'prefix' = 'prefix', name = 'shop.example.org') =>
  ({ host: { kind: 'exact', name }, path: { kind, path }, methods: [], headers: [] }) as const;

describe('an Ingress', () => {
  test('has the host, path and backend of its route, and the class of whoever serves', () => {
    const [object] = emitted([routePlan({ match: atPath('/cart') })]).objects;
    expect(object?.kind).toBe('Ingress');
    expect(object?.spec).toEqual({
      ingressClassName: 'edgeplane-nginx',
      rules: [
        {
          host: 'shop.example.org',
          http: {
            paths: [
              { path: '/cart', pathType: 'Prefix', backend: { service: { name: 'shop', port: { number: 80 } } } },
            ],
          },
        },
      ],
    });
  });

  test.each([
    ['a secret', { kind: 'secret', name: 'shop-tls' }, [{ hosts: ['shop.example.org'], secretName: 'shop-tls' }]],
    ['the default certificate', { kind: 'default' }, [{ hosts: ['shop.example.org'] }]],
  ] as const)('with TLS from %s names it', (_, tls, expected) => {
    expect(emitted([routePlan({ tls, httpsRedirect: true })]).objects[0]?.spec.tls).toEqual(expected);
  });

  test('says with typed annotations what its route asks for, and reads back as that', () => {
    const route = routePlan({
      rewrite: { kind: 'replacePrefix', from: '/app', to: '/' },
      match: atPath('/app'),
      bodyLimitBytes: 1024,
      timeouts: { connectMs: 1500, responseMs: 60_000, idleMs: 90_000 },
      websocket: true,
      allowFrom: ['10.0.0.0/8'],
      requestHeaders: { set: [], remove: ['X-Gone'] },
    });
    expect(optionsOf(emitted([route]).objects[0])).toMatchObject({
      rewriteTo: '/',
      bodyLimitBytes: 1024,
      connectMs: 2000,
      websocket: true,
      allowFrom: ['10.0.0.0/8'],
      removedHeaders: ['x-gone'],
    });
  });

  test('a key is checked by the gatekeeper, and taken off', () => {
    const options = optionsOf(
      emitted([routePlan({ protection: { kind: 'apiKey', secret: 'routing', key: 'api-key' } })]).objects[0],
    );
    expect(options.protection).toMatchObject({
      kind: 'forwardAuth',
      url: 'http://edgeplane-gatekeeper.apps.svc.cluster.local:8080/auth/api-key?secret=routing&key=api-key',
    });
    expect(options.removedHeaders).toContain('x-routing-api-key');
  });

  test('identity that one route vouches for is taken off on the others of the app', () => {
    const auth = { kind: 'forwardAuth', url: 'http://auth/', target: null, timeoutMs: 5000, signIn: null } as const;
    const { objects } = emitted([
      routePlan({ protection: { ...auth, responseHeaders: ['X-User'] } }),
      routePlan({ id: 'apps/shop/open', objectName: 'shop-open', match: atPath('/open') }),
    ]);
    expect(objects.map((object) => optionsOf(object).removedHeaders)).toEqual([[], ['x-user']]);
  });

  test('adding a route changes no other Ingress', () => {
    const first = routePlan({ match: atPath('/a') });
    const second = routePlan({ id: 'apps/shop/b', objectName: 'shop-b', match: atPath('/b') });
    expect(emitted([first, second]).objects[0]).toEqual(emitted([first]).objects[0]);
  });

  test('nothing of ingress-nginx that holds configuration or expressions is ever written', () => {
    const { objects } = emitted([routePlan({ rewrite: { kind: 'replacePrefix', from: '/', to: '/base' } })]);
    expect(JSON.stringify(objects)).not.toMatch(/snippet|use-regex|rewrite-target|ImplementationSpecific/);
  });
});

describe('what a server has no word for', () => {
  const redirect = {
    kind: 'redirect',
    status: 308,
    to: 'https://x.example.org/',
    scheme: null,
    host: null,
    path: null,
  } as const;
  const basic = { kind: 'basicAuth', secret: 'users', realm: 'shop' } as const;
  const asking = (url: string) =>
    ({ kind: 'forwardAuth', url, target: null, timeoutMs: 5000, signIn: null, responseHeaders: [] }) as const;

  test.each<[string, ServedBy, Partial<RoutePlan>, readonly string[]]>([
    ['a method', 'controller', { match: { ...atPath('/'), methods: ['GET'] } }, ['nginx/method-and-header-match']],
    ['a rewrite', 'traefik', { rewrite: { kind: 'replacePrefix', from: '/', to: '/b' } }, ['nginx-by-traefik/rewrite']],
    ['a rewrite', 'controller', { rewrite: { kind: 'replacePrefix', from: '/', to: '/b' } }, []],
    ['basic auth', 'traefik', { protection: basic }, ['nginx-by-traefik/basic-auth']],
    ['basic auth', 'controller', { protection: basic }, []],
    ['an encoded slash', 'traefik', { encodedSlash: 'allow' }, ['nginx-by-traefik/encoded-slash']],
    [
      'a guarded redirect',
      'traefik',
      { action: redirect, protection: basic },
      ['nginx-by-traefik/basic-auth', 'nginx-by-traefik/protected-redirect'],
    ],
    ['a path with a tilde', 'traefik', { match: atPath('/~me') }, ['nginx-by-traefik/path-characters']],
    ['paths as they came', 'ingress-nginx', {}, ['nginx-by-ingress-nginx/refused-paths']],
    ['a URL to ask with an escape', 'controller', { protection: asking('http://auth.apps.svc/a%20b') }, []],
    [
      'a URL to ask with an escape',
      'ingress-nginx',
      { protection: asking('http://auth.apps.svc/a%20b') },
      ['nginx-by-ingress-nginx/refused-paths', 'nginx-by-ingress-nginx/url-characters'],
    ],
    [
      'a redirect to a URL with a plus',
      'ingress-nginx',
      { action: { ...redirect, to: 'https://x.example.org/?q=a+b' } },
      ['nginx-by-ingress-nginx/refused-paths', 'nginx-by-ingress-nginx/url-characters'],
    ],
    ['an address to ask', 'controller', { protection: asking('http://10.0.0.7:4180/') }, []],
    ['a Service to ask', 'controller', { protection: asking('http://auth:4180/check') }, []],
    ['https to ask', 'controller', { protection: asking('https://auth.apps.svc/') }, ['nginx/outside-auth']],
    ['a host outside to ask', 'controller', { protection: asking('http://auth.example.org/') }, ['nginx/outside-auth']],
    ['a host outside to ask', 'traefik', { protection: asking('https://auth.example.org/') }, []],
  ])('%s, served by %s', (_, servedBy, changes, expected) => {
    expect(emitted([routePlan(changes)], servedBy).losses.toSorted()).toEqual(expected);
  });

  test('accepted, a protection that cannot be asked lets nobody in, whatever else the route says', () => {
    const [object] = emitted([routePlan({ protection: basic, action: redirect })], 'traefik').objects;
    expect(optionsOf(object)).toMatchObject({ allowFrom: ['255.255.255.255/32'], redirect: null });
  });

  test('accepted, an Ingress that ingress-nginx would not read at all lets nobody in', () => {
    const [object] = emitted(
      [routePlan({ protection: asking('http://auth.apps.svc/a%20b') })],
      'ingress-nginx',
    ).objects;
    expect(optionsOf(object)).toMatchObject({ allowFrom: ['255.255.255.255/32'], protection: { kind: 'open' } });
  });

  test('accepted, a route whose conditions cannot be said is left out', () => {
    expect(emitted([routePlan({ match: { ...atPath('/'), methods: ['GET'] } })]).objects).toEqual([]);
  });

  test('an exact path below a prefix is lost to Traefik, whose longer rule wins', () => {
    const prefix = routePlan({ match: atPath('/a') });
    const exact = routePlan({ id: 'x', objectName: 'shop-x', match: atPath('/a/b', 'exact') });
    expect(emitted([prefix, exact], 'traefik').losses).toEqual(['nginx-by-traefik/segment-prefix']);
    expect(emitted([prefix, exact]).losses).toEqual([]);
  });

  test('a wildcard over a named host is lost to Traefik, which knows no hosts before paths', () => {
    const wildcard = routePlan({
      id: 'w',
      objectName: 'shop-w',
      match: { ...atPath('/long/path'), host: { kind: 'wildcard', suffix: 'example.org' } },
    });
    expect(emitted([routePlan(), wildcard], 'traefik').losses).toEqual(['nginx-by-traefik/host-before-path']);
    expect(emitted([routePlan(), wildcard]).losses).toEqual([]);
  });

  test('every loss that a server gives is a row of the table', () => {
    const names = new Set(capabilities.map(({ name }) => name));
    const { losses } = emitted([routePlan({ retries: { attempts: 2, initialIntervalMs: 1 } })], 'traefik');
    expect(losses.every((loss) => names.has(loss.split('/')[1] ?? ''))).toBe(true);
    expect(losses).toHaveLength(1);
  });
});

describe('the edge itself', () => {
  const platform = (servedBy: ServedBy, changes: Partial<EnvironmentPlan> = {}) =>
    nginxEdge.emit(planOf([], environment(servedBy, changes))).platform;
  const kinds = (servedBy: ServedBy) => platform(servedBy).map(({ kind, metadata }) => `${kind}/${metadata.name}`);

  test('is ours to install, but for an ingress-nginx that is there', () => {
    expect(kinds('ingress-nginx')).toEqual([]);
    expect(kinds('controller')).toContain('DaemonSet/edgeplane-edge');
    expect(kinds('traefik')).toContain('DaemonSet/edgeplane-edge');
  });

  test('has one class whoever serves, so that a change of server changes no Ingress', () => {
    const classes = (['controller', 'traefik'] as const).map((servedBy) =>
      platform(servedBy).find(({ kind }) => kind === 'IngressClass'),
    );
    expect(classes[0]).toEqual(classes[1]);
  });

  test('stands behind a load balancer that keeps the client’s node', () => {
    const service = platform('controller').find(({ kind }) => kind === 'Service');
    expect(service?.spec).toMatchObject({ type: 'LoadBalancer', externalTrafficPolicy: 'Local' });
  });

  test('is told to read PROXY protocol where the load balancer speaks it, and from whom', () => {
    const changes: Partial<EnvironmentPlan> = {
      trustedProxies: ['10.0.0.0/8'],
      exposure: {
        kind: 'loadBalancer',
        address: null,
        clientAddress: 'proxyProtocol',
        sourceRanges: [],
        annotations: {},
      },
    };
    const text = JSON.stringify(platform('controller', changes));
    expect(text).toContain('{"name":"PROXY_PROTOCOL","value":"true"}');
    expect(text).toContain('{"name":"TRUSTED_ADDRESSES","value":"10.0.0.0/8"}');
    expect(JSON.stringify(platform('traefik', changes))).toContain('proxyProtocol');
  });

  test('by Traefik compares allow-lists with the address of the PROXY header, else with what trusted proxies tell', () => {
    const balancer = { kind: 'loadBalancer', address: null, sourceRanges: [], annotations: {} } as const;
    const strategy = (clientAddress: 'proxyProtocol' | 'preserved', trustedProxies: readonly string[]) =>
      JSON.stringify(platform('traefik', { trustedProxies, exposure: { ...balancer, clientAddress } })).includes(
        'ipAllowListStrategy',
      );
    expect([strategy('proxyProtocol', ['10.0.0.0/8']), strategy('preserved', ['10.0.0.0/8'])]).toEqual([false, true]);
    expect(strategy('preserved', [])).toBe(false);
  });

  test('by Traefik behind PROXY protocol takes a trusted proxy in an allow-list for everybody behind it: a loss', () => {
    const exposure = { kind: 'loadBalancer', address: null, sourceRanges: [], annotations: {} } as const;
    const lossesWith = (allowFrom: readonly string[], servedBy: ServedBy = 'traefik') => {
      const changes = {
        trustedProxies: ['10.1.0.0/16'],
        exposure: { ...exposure, clientAddress: 'proxyProtocol' },
      } as const;
      const { losses } = nginxEdge.emit(planOf([routePlan({ allowFrom })], environment(servedBy, changes)));
      return losses.map(({ name }) => name);
    };
    expect(lossesWith(['10.0.0.0/8'])).toEqual(['nginx-by-traefik/allowed-proxy']);
    expect(lossesWith(['192.0.2.0/24', '10.1.2.3/32'])).toEqual(['nginx-by-traefik/allowed-proxy']);
    expect(lossesWith(['10.2.0.0/16'])).toEqual([]);
    expect(lossesWith(['10.0.0.0/8'], 'controller')).toEqual([]);
  });

  test('may write nothing of Ingresses but their status', () => {
    for (const servedBy of ['controller', 'traefik'] as const) {
      const role = platform(servedBy).find(({ kind }) => kind === 'ClusterRole');
      const rules = role?.rules as readonly { resources: readonly string[]; verbs: readonly string[] }[];
      const written = rules.filter(({ verbs }) => verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)));
      expect(written.flatMap(({ resources }) => resources).filter((name) => name !== 'events')).toEqual([
        'ingresses/status',
      ]);
    }
  });
});
