import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { IngressRouteSpec, MiddlewareSpec } from '../../../components/compile/edges/traefik/generated/types.ts';
import { answerOf } from '../../../components/readers/answer.ts';
import { readObjects } from '../../../components/readers/read.ts';
import { readersTables } from '../../../components/readers/reference.ts';
import type { Bearing } from '../../../components/readers/tables/bearing.ts';
import { httpRouteFilters, httpRouteRuleFields } from '../../../components/readers/tables/gateway-objects.ts';
import { nginxAnnotations } from '../../../components/readers/tables/nginx-annotations.ts';
import {
  basicAuthOptions,
  forwardAuthOptions,
  ingressRouteFields,
  middlewareKinds,
  routerFields,
  serviceFields,
  tlsFields,
} from '../../../components/readers/tables/traefik-objects.ts';

/**
 * The names that each controller has, from its own list. A name of theirs that no table has does not compile, or fails
 * here: somebody has to decide what it bears on.
 */
type Every<T> = Readonly<Record<keyof Required<T>, Bearing>>;
type Route = NonNullable<IngressRouteSpec['routes']>[number];
const kinds: Every<MiddlewareSpec> = middlewareKinds;
const forwardAuth: Every<NonNullable<MiddlewareSpec['forwardAuth']>> = forwardAuthOptions;
const basicAuth: Every<NonNullable<MiddlewareSpec['basicAuth']>> = basicAuthOptions;
const ingressRoute: Every<IngressRouteSpec> = ingressRouteFields;
const router: Every<Route> = routerFields;
const service: Every<NonNullable<Route['services']>[number]> = serviceFields;
const tls: Every<NonNullable<IngressRouteSpec['tls']>> = tlsFields;

test('every field of the definitions of Traefik 3.7 stands in a table', () => {
  for (const table of [kinds, forwardAuth, basicAuth, ingressRoute, router, service, tls])
    expect(Object.keys(table).length).toBeGreaterThan(3);
});

/** docs/user-guide/nginx-configuration/annotations.md of ingress-nginx, March 2026, the last one. */
const reference =
  'affinity affinity-canary-behavior affinity-mode app-root auth-always-set-cookie auth-cache-duration auth-cache-key auth-keepalive auth-keepalive-requests auth-keepalive-share-vars auth-keepalive-timeout auth-method auth-proxy-set-headers auth-realm auth-request-redirect auth-response-headers auth-secret auth-secret-type auth-signin auth-signin-redirect-param auth-snippet auth-tls-error-page auth-tls-match-cn auth-tls-pass-certificate-to-upstream auth-tls-secret auth-tls-verify-client auth-tls-verify-depth auth-type auth-url backend-protocol canary canary-by-cookie canary-by-header canary-by-header-pattern canary-by-header-value canary-weight canary-weight-total client-body-buffer-size configuration-snippet connection-proxy-header cors-allow-credentials cors-allow-headers cors-allow-methods cors-allow-origin cors-expose-headers cors-max-age custom-headers custom-http-errors default-backend denylist-source-range enable-access-log enable-cors enable-global-auth enable-modsecurity enable-opentelemetry enable-owasp-core-rules enable-rewrite-log force-ssl-redirect from-to-www-redirect http2-push-preload limit-burst-multiplier limit-connections limit-rate limit-rate-after limit-rpm limit-rps limit-whitelist load-balance mirror-host mirror-request-body mirror-target modsecurity-snippet modsecurity-transaction-id opentelemetry-trust-incoming-span permanent-redirect permanent-redirect-code preserve-trailing-slash proxy-body-size proxy-buffer-size proxy-buffering proxy-buffers-number proxy-busy-buffers-size proxy-connect-timeout proxy-cookie-domain proxy-cookie-path proxy-http-version proxy-max-temp-file-size proxy-next-upstream proxy-next-upstream-timeout proxy-next-upstream-tries proxy-read-timeout proxy-redirect-from proxy-redirect-to proxy-request-buffering proxy-send-timeout proxy-ssl-ciphers proxy-ssl-name proxy-ssl-protocols proxy-ssl-secret proxy-ssl-server-name proxy-ssl-verify proxy-ssl-verify-depth rewrite-target satisfy server-alias server-snippet service-upstream session-cookie-change-on-failure session-cookie-conditional-samesite-none session-cookie-domain session-cookie-expires session-cookie-max-age session-cookie-name session-cookie-path session-cookie-samesite session-cookie-secure ssl-ciphers ssl-passthrough ssl-prefer-server-ciphers ssl-redirect stream-snippet temporal-redirect temporal-redirect-code upstream-hash-by upstream-hash-by-subset upstream-hash-by-subset-size upstream-vhost use-regex whitelist-source-range x-forwarded-prefix'.split(
    ' ',
  );

test('every annotation of the reference of ingress-nginx stands in its table', () => {
  expect(reference.filter((name) => !Object.hasOwn(nginxAnnotations, name))).toEqual([]);
});

test('every filter of an HTTPRoute of Gateway API 1.6 stands in its table', () => {
  expect(Object.keys(httpRouteFilters).toSorted()).toEqual([
    'CORS',
    'ExtensionRef',
    'ExternalAuth',
    'RequestHeaderModifier',
    'RequestMirror',
    'RequestRedirect',
    'ResponseHeaderModifier',
    'URLRewrite',
  ]);
});

type Body = Record<string, unknown>;

const backend = { service: { name: 'cart', port: { number: 80 } } };

function ingress(annotations: Readonly<Record<string, string>>, className: string): Body {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'cart', namespace: 'shop', annotations },
    spec: {
      ingressClassName: className,
      rules: [{ host: 'shop.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    },
  };
}

const ask = {
  apiVersion: 'traefik.io/v1alpha1',
  kind: 'Middleware',
  metadata: { name: 'ask', namespace: 'shop' },
  spec: { forwardAuth: { address: 'http://gate.shop.svc/' } },
};

function ingressRoute3(more: Body = {}, route: Body = {}): Body {
  const entry = { match: 'Host(`shop.test`)', middlewares: [{ name: 'ask' }], services: [{ name: 'cart', port: 80 }] };
  return {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'IngressRoute',
    metadata: { name: 'cart', namespace: 'shop' },
    spec: { routes: [{ ...entry, ...route }], ...more },
  };
}

const gatewayObjects = (rule: Body): readonly Body[] => [
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GatewayClass',
    metadata: { name: 'envoy' },
    spec: { controllerName: 'example.org/envoy' },
    status: { supportedFeatures: [{ name: 'HTTPRouteExternalAuth' }] },
  },
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'edge', namespace: 'shop' },
    spec: { gatewayClassName: 'envoy', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
  },
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'cart', namespace: 'shop' },
    spec: { parentRefs: [{ name: 'edge' }], hostnames: ['shop.test'], rules: [rule] },
  },
];
const externalAuth = {
  type: 'ExternalAuth',
  externalAuth: { protocol: 'HTTP', backendRef: { name: 'gate', port: 80 } },
};

const answers = (...objects: readonly unknown[]) =>
  readObjects(objects.map((object) => ({ object }))).routes.map(answerOf);

const nginx = 'nginx.ingress.kubernetes.io/';
const traefik = 'traefik.ingress.kubernetes.io/';
const protectedBy = {
  nginx: { [`${nginx}auth-url`]: 'http://gate.shop.svc/' },
  traefik: { [`${traefik}router.middlewares`]: 'shop-ask@kubernetescrd' },
};

test('a protected route that is understood asks', () => {
  expect(answers(ingress(protectedBy.nginx, 'nginx'))).toEqual(['asks']);
  expect(answers(ask, ingress(protectedBy.traefik, 'traefik'))).toEqual(['asks']);
  expect(answers(ask, ingressRoute3())).toEqual(['asks']);
  expect(answers(...gatewayObjects({ filters: [externalAuth], backendRefs: [{ name: 'cart', port: 80 }] }))).toEqual([
    'asks',
  ]);
});

const name = fc.stringMatching(/^[a-z][a-zA-Z0-9-]{2,20}$/);
const value = fc.oneof(fc.constant('true'), fc.constant('false'), fc.string(), fc.constant('0.0.0.0/0'));

test('with an annotation that no table has, it never asks', () => {
  fc.assert(
    fc.property(name, value, (extra, text) => {
      fc.pre(!Object.hasOwn(nginxAnnotations, extra));
      expect(answers(ingress({ ...protectedBy.nginx, [`${nginx}${extra}`]: text }, 'nginx'))).toEqual(['cannot tell']);
      const routed = { ...protectedBy.traefik, [`${traefik}router.${extra}`]: text };
      expect(answers(ask, ingress(routed, 'traefik'))).toEqual(['cannot tell']);
    }),
  );
});

test('with a field that no table has, it never asks', () => {
  fc.assert(
    fc.property(name, fc.jsonValue(), (field, anything) => {
      const extra = { [field]: anything };
      if (!Object.hasOwn(ingressRouteFields, field))
        expect(answers(ask, ingressRoute3(extra))).toEqual(['cannot tell']);
      if (!Object.hasOwn(routerFields, field)) expect(answers(ask, ingressRoute3({}, extra))).toEqual(['cannot tell']);
      const rule = { filters: [externalAuth], backendRefs: [{ name: 'cart', port: 80 }], ...extra };
      if (!Object.hasOwn(httpRouteRuleFields, field)) expect(answers(...gatewayObjects(rule))).toEqual(['cannot tell']);
      const options = { ...ask, spec: { forwardAuth: { ...ask.spec.forwardAuth, ...extra } } };
      if (!Object.hasOwn(forwardAuthOptions, field)) expect(answers(options, ingressRoute3())).toEqual(['cannot tell']);
      const two = { ...ask, spec: { ...ask.spec, ...extra } };
      expect(answers(two, ingressRoute3())).toEqual(['cannot tell']);
    }),
  );
});

test('with a filter that no table has, or that its class does not support, it never asks', () => {
  fc.assert(
    fc.property(name, (type) => {
      const rule = { filters: [externalAuth, { type }], backendRefs: [{ name: 'cart', port: 80 }] };
      expect(answers(...gatewayObjects(rule))).toEqual(['cannot tell']);
    }),
  );
  const [, gateway, route] = gatewayObjects({ filters: [externalAuth], backendRefs: [{ name: 'cart', port: 80 }] });
  expect(answers(gateway, route)).toEqual(['cannot tell']);
});

test('a policy that is attached to a route or its Gateway makes it impossible to tell', () => {
  const objects = gatewayObjects({ filters: [externalAuth], backendRefs: [{ name: 'cart', port: 80 }] });
  const policy = (target: object) => ({
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'SecurityPolicy',
    metadata: { name: 'p', namespace: 'shop' },
    spec: { targetRefs: [{ group: 'gateway.networking.k8s.io', ...target }] },
  });
  expect(answers(...objects, policy({ kind: 'HTTPRoute', name: 'cart' }))).toEqual(['cannot tell']);
  expect(answers(...objects, policy({ kind: 'Gateway', name: 'edge' }))).toEqual(['cannot tell']);
  expect(answers(...objects, policy({ kind: 'HTTPRoute', name: 'other' }))).toEqual(['asks']);
});

test.each([
  ['a class that nobody names', ingress(protectedBy.nginx, 'internal')],
  ['a class of another controller', ingress(protectedBy.nginx, 'alb')],
  ['no class beside annotations of a controller', ingress(protectedBy.nginx, '')],
  [
    'annotations of another controller of the same class name',
    ingress({ ...protectedBy.nginx, 'nginx.org/x': '1' }, 'nginx'),
  ],
  ['an auth URL that is none', ingress({ [`${nginx}auth-url`]: 'gate' }, 'nginx')],
  ['a snippet', ingress({ ...protectedBy.nginx, [`${nginx}configuration-snippet`]: 'auth_request off;' }, 'nginx')],
  ['a canary without its main Ingress', ingress({ [`${nginx}canary`]: 'true' }, 'nginx')],
])('%s: cannot tell', (_, object) => {
  expect(answers(object)).toEqual(['cannot tell']);
});

test('--class and an IngressClass say who serves a class', () => {
  const object = ingress(protectedBy.nginx, 'internal');
  const classes = new Map([['internal', 'ingress-nginx'] as const]);
  expect(readObjects([{ object }], { classes }).routes.map(answerOf)).toEqual(['asks']);
  const ingressClass = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'internal' },
    spec: { controller: 'k8s.io/ingress-nginx' },
  };
  expect(answers(object, ingressClass)).toEqual(['asks']);
  expect(answers(ingress({}, ''))).toEqual(['open']);
});

test('a snippet of the whole host makes the routes of other Ingresses untold', () => {
  const other = ingress({ [`${nginx}server-snippet`]: 'location / { return 200; }' }, 'nginx');
  const named = { ...other, metadata: { ...(other.metadata as object), name: 'other' } };
  const spec = {
    ...(other.spec as object),
    rules: [{ host: 'shop.test', http: { paths: [{ path: '/x', pathType: 'Prefix', backend }] } }],
  };
  expect(answers(ingress(protectedBy.nginx, 'nginx'), { ...named, spec })).toEqual(['cannot tell', 'cannot tell']);
});

test('docs/readers.md holds the tables as they are', () => {
  const text = readFileSync(path.resolve(__dirname, '../../../docs/readers.md'), 'utf8');
  expect(text.endsWith(readersTables())).toBe(true);
});
