import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nginxEdge } from '../../../../components/compile/edges/nginx.ts';
import type { RoutePlan } from '../../../../components/compile/plan.ts';
import { nginxPrefix } from '../../../../components/dialects/nginx.ts';
import { httpUrl } from '../../../../components/model/schema/leaf.ts';
import { environmentPlan, planOf, routePlan } from './plans.ts';

const whole = /^\d+$/;
const onOff = /^(on|off)$/;
const flag = /^(true|false)$/;
const headers = /^[A-Za-z0-9_, -]*$/;
const url = /^[A-Za-z0-9._~/:,?&= -]*$/;
const ranges = /^[0-9a-fA-F.:/, ]+$/;

/**
 * What the validators of ingress-nginx 1.15 let in, by annotation. One value that is refused and the whole Ingress is not
 * read: its requests go to a broader route. No name here is of a higher risk than its default, High.
 */
const accepted: Readonly<Record<string, RegExp>> = {
  affinity: /^cookie$/,
  'allowlist-source-range': ranges,
  'auth-response-headers': headers,
  'auth-url': url,
  'backend-protocol': /^(HTTP|HTTPS|GRPC)$/,
  'cors-allow-credentials': flag,
  'cors-allow-headers': headers,
  'cors-allow-methods': /^([A-Za-z]+,?\s?)+$/,
  'cors-allow-origin': /^(([a-z]+:\/\/[A-Za-z0-9.-]+(:\d+)?,?)+|\*)$/,
  'cors-expose-headers': /^([A-Za-z0-9_-]+,?\s?)+$/,
  'cors-max-age': whole,
  'enable-cors': flag,
  'permanent-redirect': url,
  'permanent-redirect-code': whole,
  'proxy-body-size': /^\d+[bkmg]?$/i,
  'proxy-buffering': onOff,
  'proxy-connect-timeout': whole,
  'proxy-next-upstream': /^off$/,
  'proxy-read-timeout': whole,
  'proxy-request-buffering': onOff,
  'proxy-send-timeout': whole,
  'session-cookie-name': /^[A-Za-z0-9._~/:-]*$/,
  'ssl-redirect': flag,
  'temporal-redirect': url,
  'temporal-redirect-code': whole,
};

const environment = environmentPlan({
  edge: 'nginx',
  nginx: { servedBy: 'ingress-nginx', namespace: 'ingress-nginx', ingressClass: 'nginx' },
});

/** What an Ingress for this route says and is not let in; nothing where there is none. */
function refused(route: RoutePlan): readonly string[] {
  const [object] = nginxEdge.emit(planOf([route], environment)).apps.get('apps/shop') ?? [];
  return Object.entries(object?.metadata.annotations ?? {}).flatMap(([name, value]) => {
    if (!name.startsWith(nginxPrefix)) return [];
    return accepted[name.slice(nginxPrefix.length)]?.test(value) ? [] : [`${name}: ${value}`];
  });
}

const cors = {
  origins: ['https://app.example.org:8443'],
  methods: ['GET', 'PUT'],
  headers: ['X-A'],
  exposeHeaders: ['X-B', 'X-C'],
  credentials: true,
  maxAgeSeconds: 600,
} as const;
const key = { secret: 'routing', key: 'api-key' } as const;
const h2c = { namespace: 'apps', service: 'shop', port: 80, protocol: 'h2c', ca: null, weight: 1 } as const;

test.each<[string, Partial<RoutePlan>]>([
  ['nothing', {}],
  ['an API key', { protection: { kind: 'apiKey', ...key } }],
  ['a bearer token', { protection: { kind: 'bearer', ...key } }],
  ['basic auth', { protection: { kind: 'basicAuth', secret: 'users', realm: 'tea party' } }],
  ['CORS and a cookie', { cors, sticky: { cookie: 'route' } }],
  ['limits', { bodyLimitBytes: 1024, timeouts: { connectMs: 1_500, responseMs: 90_000, idleMs: 1 }, streaming: false }],
  ['addresses', { allowFrom: ['10.0.0.0/8', '2001:db8::/32', '192.0.2.1/32'] }],
  ['gRPC', { action: { kind: 'forward', targets: [h2c] } }],
  ['TLS', { tls: { kind: 'secret', name: 'shop-tls' }, httpsRedirect: true }],
  ['what only our controller reads', { rewrite: { kind: 'replacePrefix', from: '/', to: '/b' }, websocket: true }],
])('a route that asks for %s is written in words that ingress-nginx lets in', (_, changes) => {
  expect(refused(routePlan(changes))).toEqual([]);
});

const tail = fc.stringMatching(/^[A-Za-z0-9._~:/?&=%+,@!*()-]{1,24}$/);
const urls = tail.map((text) => `https://auth.example.org/${text}`).filter((text) => httpUrl.safeParse(text).success);

test('so is any URL an author may write, or the route lets nobody in', () => {
  fc.assert(
    fc.property(urls, fc.constantFrom(301, 302, 307, 308), (to, status) => {
      const asks = { kind: 'forwardAuth', url: to, target: null, timeoutMs: 5_000, signIn: null } as const;
      const redirect = { kind: 'redirect', status, to, scheme: null, host: null, path: null } as const;
      expect(refused(routePlan({ protection: { ...asks, responseHeaders: ['X-Auth-User'] } }))).toEqual([]);
      expect(refused(routePlan({ action: redirect }))).toEqual([]);
    }),
  );
});
