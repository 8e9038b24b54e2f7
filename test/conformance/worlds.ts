// Long because it is one table: every route that a vector is asked on, host by host.
import type { Definition } from '../../components/model/define.ts';
import { defineApp, defineRoutes } from '../../components/model/define.ts';
import type { Environment } from '../../components/model/schema/environment.ts';
import { environment as localEnvironment } from '../../stacks/local.ts';

/** Route tables that are served together, in a namespace of their own. */
export interface World {
  readonly name: string;
  readonly environment: Environment;
  readonly definitions: readonly Definition[];
}

/** The value behind `routing:api-key` in a world: the header is its base64, a bearer token the value itself. */
export const routingKey = 'conformance-0123456789abcdefghij';
export const otherKey = 'conformance-another-abcdefghijkl';
/** `alice` with the password `wonderland`. */
export const basicUser = { name: 'alice', password: 'wonderland' } as const;

const open = { open: 'a backend of the conformance suite' } as const;

export function echo(name: string, args: readonly string[] = [], routes: AppRoutes = []): Definition {
  return defineApp({
    name,
    image: 'edgeplane.local/echo:local',
    args: [`-name=${name}`, ...args],
    ports: { http: 8080, health: 8081 },
    probes: { readiness: { check: { http: { path: '/healthz', port: 'health' } }, timing: { periodSeconds: 1 } } },
    resources: { cpu: '10m', memory: '32Mi' },
    replicas: 1,
    callers: 'any',
    ...(routes.length === 0 ? {} : { routes }),
  });
}

type AppRoutes = NonNullable<Parameters<typeof defineApp>[0]['routes']>;

/** Three of four requests to itself, one to `b`. */
const split: AppRoutes = [
  {
    hosts: ['split.test'],
    to: [
      { app: 'a', port: 'http', weight: 3 },
      { app: 'b', port: 'http', weight: 1 },
    ],
  },
];

type Routes = Parameters<typeof defineRoutes>[0]['routes'];

/** A Service that something else made, as routes stand on; it leads to the pods of the echo app. */
export function serviceOf(app: string): string {
  return `ext-${app}`;
}

/** Routes on such a Service. */
export function on(service: string, name: string, routes: Routes): Definition {
  return defineRoutes({ name, service: { name: serviceOf(service), ports: { http: 80 } }, routes });
}

function environmentOf(namespace: string): Environment {
  return {
    ...localEnvironment,
    overlays: {},
    namespace,
    protection: open,
    networkPolicy: true,
    images: { ...localEnvironment.images, 'edgeplane/gatekeeper:0.1.0': 'edgeplane.local/gatekeeper:local' },
  };
}

const asked = { forwardAuth: { app: 'auth', responseHeaders: ['X-Auth-User', 'X-Auth-Groups'] } };
const key = { apiKey: {} } as const;

const pathRoutes = [
  on('a', 'paths-a', [
    { hosts: ['prefix.test'], paths: ['/foo'] },
    { hosts: ['slash.test'], paths: ['/bar/'] },
    { hosts: ['nest.test'] },
    { hosts: ['api.test'], paths: ['/api'] },
    { hosts: ['h.test'] },
    { hosts: ['both.test'], paths: ['/foo'] },
    { hosts: ['method.test'] },
    { hosts: ['slashes.test'], encodedSlash: 'allow' },
  ]),
  on('b', 'paths-b', [
    { hosts: ['nest.test'], paths: ['/v2'] },
    { hosts: ['deep.test'], paths: ['/aaa/bbb'] },
    { hosts: ['method.test'], methods: ['POST'] },
    { hosts: ['slashes.test'], paths: ['/strict'] },
  ]),
  on('c', 'paths-c', [
    { hosts: ['deep.test'], paths: ['/aaa'] },
    { hosts: ['method.test'], headers: { 'X-Canary': 'yes' } },
  ]),
  on('d', 'paths-d', [
    { hosts: ['exact.test'], paths: [{ exact: '/exact' }] },
    { hosts: ['both.test'], paths: [{ exact: '/foo' }] },
  ]),
];

const hostRoutes = [
  on('a', 'hosts-a', [
    { hosts: ['foo.gw.test'], paths: ['/only'] },
    { hosts: ['exact.wild.test'], paths: ['/p'] },
  ]),
  on('b', 'hosts-b', [
    { hosts: ['*.gw.test'], paths: ['/api'] },
    { hosts: ['*.wild.test'], paths: ['/p'] },
  ]),
];

const rewriteRoutes = [
  on('a', 'rewrites', [
    { hosts: ['strip.test'], paths: ['/app'], rewrite: { stripPrefix: true } },
    { hosts: ['replace.test'], paths: [{ exact: '/old' }], rewrite: { replacePrefix: '/new' } },
    { hosts: ['replace.test'], paths: ['/v1'], rewrite: { replacePrefix: '/v2/api' } },
    { hosts: ['prepend.test'], paths: ['/'], rewrite: { replacePrefix: '/base' } },
    { hosts: ['authstrip.test'], paths: ['/app'], rewrite: { stripPrefix: true }, protection: asked },
  ]),
];

const redirectRoutes = [
  on('a', 'redirects', [
    { hosts: ['moved.test'], redirect: { to: 'https://elsewhere.example.org/here' } },
    { hosts: ['parts.test'], paths: ['/a'], redirect: { host: 'new.example.org', status: 301 } },
    { hosts: ['parts.test'], paths: ['/b'], redirect: { path: '/c', status: 302 } },
    { hosts: ['guarded-move.test'], redirect: { to: 'https://elsewhere.example.org/' }, protection: key },
  ]),
];

const tlsRoutes = [
  on('a', 'tls', [
    { hosts: ['tls.test'], tls: { secret: 'tls-test' } },
    { hosts: ['hsts.test'], tls: { secret: 'hsts-test' }, hsts: { maxAge: '365d', includeSubdomains: true } },
    { hosts: ['hsts.test'], paths: ['/key'], tls: { secret: 'hsts-test' }, hsts: { maxAge: '30d' }, protection: key },
    { hosts: ['nohttps.test'], tls: 'default', httpsRedirect: false },
  ]),
];

const protectedRoutes = [
  on('a', 'protected', [
    { hosts: ['auth.test'], protection: asked },
    { hosts: ['auth.test'], paths: ['/public'] },
    { hosts: ['silent.test'], protection: { forwardAuth: { url: 'http://silent.conformance.svc.cluster.local:9/' } } },
    { hosts: ['key.test'], protection: key },
    { hosts: ['nokey.test'], protection: { apiKey: { secret: 'not-there:api-key' } } },
    { hosts: ['bearer.test'], protection: { bearer: {} } },
    { hosts: ['basic.test'], protection: { basicAuth: { secret: 'basic', realm: 'tea party' } } },
    { hosts: ['nobasic.test'], protection: { basicAuth: { secret: 'not-there' } } },
    { hosts: ['allow.test'], allowFrom: ['192.0.2.0/24'] },
    { hosts: ['allowed.test'], allowFrom: ['10.0.0.0/8'] },
    {
      hosts: ['cors.test'],
      protection: key,
      cors: { origins: ['https://app.example.org'], methods: ['GET', 'PUT'], headers: ['X-A'], credentials: true },
    },
  ]),
];

const otherRoutes = [
  on('a', 'others', [
    {
      hosts: ['headers.test'],
      requestHeaders: { set: { 'X-Set': 'by-edge' }, remove: ['X-Gone'] },
      responseHeaders: { set: { 'X-Answer': 'by-edge' }, remove: ['X-Secret'] },
    },
    { hosts: ['ws.test'], websocket: true },
    { hosts: ['limit.test'], bodyLimit: '1Ki' },
    { hosts: ['slow.test'], timeouts: { response: '1s' } },
    { hosts: ['rate.test'], rateLimit: { requests: 2, per: '1h', burst: 2 } },
    { hosts: ['sticky.test'], sticky: { cookie: 'route' } },
  ]),
  defineRoutes({
    name: 'h2c',
    service: { name: serviceOf('b'), ports: { grpc: { port: 80, protocol: 'h2c' } } },
    routes: [{ hosts: ['h2c.test'] }],
  }),
];

/** Everything that needs no default backend. */
export const mainWorld: World = {
  name: 'conformance',
  environment: environmentOf('conformance'),
  definitions: [
    echo('a', [], split),
    ...['b', 'c', 'd'].map((name) => echo(name)),
    echo('auth', ['-auth']),
    ...pathRoutes,
    ...hostRoutes,
    ...rewriteRoutes,
    ...redirectRoutes,
    ...tlsRoutes,
    ...protectedRoutes,
    ...otherRoutes,
  ],
};

/** A default backend takes every host that nobody else has, so it is a world of its own. */
export const defaultWorld: World = {
  name: 'conformance-default',
  environment: environmentOf('conformance-default'),
  definitions: [
    ...['a', 'd'].map((name) => echo(name)),
    on('a', 'named', [{ hosts: ['h.default.test'], paths: ['/app'] }]),
    on('d', 'fallback', [{}]),
  ],
};
