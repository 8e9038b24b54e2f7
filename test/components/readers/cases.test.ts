import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { verb as check } from '../../../cli/verbs/check.ts';
import { verb as explain } from '../../../cli/verbs/explain.ts';
import { verb as routes } from '../../../cli/verbs/routes.ts';
import { runVerb } from '../../cli/fake-io.ts';

/** Manifests as people run them; each says at its top what today's controller does with it. */
const folder = path.resolve(__dirname, '../../cases/readers');

/** What must be said of a case. */
interface Expected {
  /** Answer of each listed route, in the order of the table: host, path, answer. */
  readonly routes: readonly string[];
  /** Requests as `METHOD URL [header: value]`, and what the explanation holds; `!` before what it must not hold. */
  readonly explain?: Readonly<Record<string, readonly string[]>>;
  /** Codes and rules that `check` finds, which then exits with 1. */
  readonly finds?: readonly string[];
  /** What is said on standard error by `routes`. */
  readonly words?: readonly string[];
}

const cases: Readonly<Record<string, Expected>> = {
  '01-regex-host': {
    routes: ['demo.example.org /Header asks', 'demo.example.org /api asks', 'demo.example.org / open'],
    explain: {
      'GET http://demo.example.org/uuid': ['Ingress demo/upper', 'nobody is asked'],
      // Two expressions take these, of which one asks and the other does not.
      'GET http://demo.example.org/headers/x': ['cannot tell', 'Ingress demo/exact'],
      'GET http://demo.example.org/API/x': ['cannot tell', 'Ingress demo/exact'],
    },
  },
  '02-trailing-slash': {
    routes: ['exact.example.org /app/ open', 'prefix.example.org /app open'],
    explain: {
      'GET http://prefix.example.org/app': ['301 to http://prefix.example.org/app/'],
      'GET http://exact.example.org/app': ['301 to http://exact.example.org/app/'],
      'GET http://prefix.example.org/app/x': ['the app is called'],
    },
  },
  '03-rewrite-root': {
    routes: ['web.example.org / open'],
    explain: { 'GET http://web.example.org/x': ['as       GET /x', '!note'] },
  },
  '04-rewrite-static': {
    routes: ['id.example.org /login open'],
    explain: { 'GET http://id.example.org/login/a': ['GET /\n', '!GET /login/a'] },
  },
  '05-canary-auth': {
    routes: ['shop.example.org / asks', 'shop.example.org / asks'],
    explain: { 'GET https://shop.example.org/': ['Ingress shop/shop-main', 'shop/shop-next:80', 'share'] },
  },
  '06-traefik-class-nginx-auth': {
    routes: ['loki.example.org / open', 'tool.example.org /app(/|$)(.*) open'],
    finds: ['ineffective-annotation', 'open-route-reason'],
  },
  '08-hostregexp-catchall': {
    routes: ['*.example.org / open', 'a.example.org / cannot tell'],
    explain: { 'GET https://a.example.org/': ['IngressRoute demo/lobby', 'nobody is asked'] },
    finds: ['protection-bypassed'],
  },
  '09-priority-number': {
    routes: ['site.example.org /admin cannot tell', 'site.example.org / open'],
    explain: { 'GET https://site.example.org/admin': ['routes[1]', 'nobody is asked'] },
    finds: ['protection-bypassed'],
  },
  '10-host-two-values': {
    routes: ['*.example.org / open', 'api.example.org /items/{id} open'],
    explain: { 'GET https://panel.example.org/': ['!users', '!admins'] },
    finds: ['unreadable-rule'],
  },
  '12-satisfy-any': {
    routes: ['stage.example.org /hooks open', 'stage.example.org / cannot tell'],
  },
  '13-ssl-passthrough-auth': {
    routes: ['cd.example.org /metrics cannot tell', 'cd.example.org / cannot tell'],
  },
  '14-httproute-redirect-loop': {
    routes: ['app.example.org / open', 'app.example.org / open', 'app.example.org / open'],
    explain: { 'GET https://app.example.org/': ['301 to https://app.example.org/', '!the app is called'] },
    finds: ['redirect-loop'],
  },
  '15-k3s-traefik-tls': {
    routes: ['plain.example.org / open', 'prio.example.org / open'],
    explain: { 'GET http://prio.example.org/': ['the app is called', '!308'] },
    finds: ['tls-outside-local'],
  },
  '17-argocd-traefik-grpc': {
    routes: ['cd.example.org / open', 'cd.example.org / open'],
    explain: {
      'POST https://cd.example.org/x Content-Type: application/grpc': ['routes[1]'],
      'POST https://cd.example.org/x': ['routes[0]'],
    },
  },
  '18-oauth2-proxy-errors': {
    routes: ['app.example.org /oauth2 open', 'app.example.org / asks'],
    explain: {
      'GET https://app.example.org/oauth2': ['auth/app:7555', 'if the request may pass'],
      'GET https://app.example.org/oauth2/start': ['auth/oauth2-proxy:4180', 'nobody is asked'],
    },
  },
  '19-cross-namespace-mw': {
    routes: ['media.example.org /outpost.goauthentik.io cannot tell', 'media.example.org / cannot tell'],
  },
  '20-sentry-nginx': {
    routes: [
      'sentry.example.org /api/0/relays open',
      'sentry.example.org /api/store open',
      'sentry.example.org /api open',
      'sentry.example.org / open',
    ],
    explain: {
      'POST http://sentry.example.org/api/12/envelope/': ['sentry/relay:3000', '!cannot tell'],
      'POST http://sentry.example.org/api/0/relays/register/': ['sentry/relay:3000', '!cannot tell'],
      'GET http://sentry.example.org/api/0/projects/': ['sentry/web:9000', '!cannot tell'],
    },
  },
  '23-redirectregex': {
    routes: ['cloud.example.org / open', 'gui.example.org / open', 'www.gui.example.org / open'],
    explain: {
      'GET https://cloud.example.org/': ['cloud/nextcloud:80', 'nobody is asked'],
      'GET https://cloud.example.org/.well-known/carddav': ['cannot tell', 'may answer instead'],
      'GET https://www.gui.example.org/': ['cannot tell', 'may answer instead'],
      'GET https://gui.example.org/': ['cloud/gui:80', 'nobody is asked'],
    },
    finds: ['open-route-reason'],
  },
  '25-tlsoption-mtls': { routes: ['home.example.org / cannot tell'], finds: ['client-certificates'] },
  '26-default-backend-rules': {
    routes: ['shop.example.org /cart open', 'shop.example.org / open'],
    explain: {
      'GET http://shop.example.org/other': ['shop/fallback:80'],
      'GET http://other.example.org/': ['unknown host'],
    },
  },
  '28-cors-after-auth': {
    routes: ['api.example.org / asks'],
    explain: {
      'OPTIONS https://api.example.org/ Origin: https://ui.example.org, Access-Control-Request-Method: GET': [
        'authelia',
        '!answers the CORS preflight itself',
      ],
    },
  },
  '29-same-host-path': {
    routes: ['twice.example.org / cannot tell', 'twice.example.org / open'],
    explain: { 'GET http://twice.example.org/': ['cannot tell'] },
    finds: ['the protection may be lost'],
  },
  '31-atlantis-events': {
    routes: ['atlantis.example.org /events open', 'atlantis.example.org / asks'],
  },
  '32-alb-oidc': {
    routes: ['app.example.org /webhook cannot tell', 'app.example.org / cannot tell'],
    explain: { 'GET http://app.example.org/': ['cannot tell', 'the class alb is not read', '!308'] },
  },
  '34-app-root': {
    routes: ['prom.example.org / asks'],
    explain: {
      'GET https://prom.example.org/': ['302 to https://prom.example.org/graph'],
      'GET https://prom.example.org/x': ['prom-users', 'app-root', '/graph'],
    },
  },
  '36-snippet-405': { routes: ['cd-hook.example.org /api/webhook open'] },
  '38-parentrefs': {
    routes: ['layers.example.org /api asks', 'layers.example.org /api asks'],
    explain: {
      'GET https://layers.example.org/api X-Role: admin': ['demo/admin:80', 'if the request may pass'],
      'GET https://layers.example.org/api': ['demo/user:80'],
    },
  },
  '39-mirror': { routes: ['m.example.org / asks', 'w.example.org / asks'] },
  '40-unread-kinds': {
    routes: [],
    words: ['GRPCRoute (1)', 'HTTPProxy (1)', 'Ingress (1)', 'IngressRouteTCP (1)', 'VirtualService (1)'],
  },
  '42-longhorn': { routes: ['(any) / asks'], finds: ['tls-outside-local'] },
  '44-acme-solver': {
    routes: ['le.example.org /.well-known/acme-challenge/tok open', 'le.example.org / asks'],
    explain: {
      'GET http://le.example.org/.well-known/acme-challenge/tok': ['cm-acme-http-solver-y', 'nobody is asked'],
      'GET https://le.example.org/x': ['gate.demo'],
    },
  },
  '47-xfp': {
    routes: ['sub.example.org /app open'],
    explain: { 'GET http://sub.example.org/app/x': ['GET /x', '!X-Forwarded-Prefix'] },
  },
  '48-traefik-redirect-status': {
    routes: ['r.example.org / open'],
    explain: { 'GET http://r.example.org/x': ['302 to https://r.example.org/x'] },
  },
  '50-url-normalisation': {
    routes: ['n.example.org /admin asks', 'n.example.org /public open'],
    explain: {
      'GET http://n.example.org/public/../admin': ['Ingress demo/admin', 'gate.demo', '!400'],
      'GET http://n.example.org/public/%2e%2e/admin': ['Ingress demo/admin'],
      'GET http://n.example.org//admin': ['Ingress demo/admin'],
    },
  },
  '52-kustomize': {
    routes: ['k.example.org / cannot tell'],
    words: ['is for kustomize', 'kustomize build'],
  },
  '53-two-auth': {
    routes: ['lan.example.org / open', 'two.example.org / asks'],
    explain: { 'GET https://two.example.org/': ['forwardAuth beside basicAuth', '192.168.0.0/16'] },
  },
  '54-plugin-protection': { routes: ['sonarr.example.org / cannot tell'] },
  '55-foreign-file': { routes: ['f.example.org / cannot tell'], words: ['cannot tell: 1'] },
  '58-reference-grant': { routes: ['x.example.org / open'], finds: ['missing-reference-grant'] },
  '60-gateway-redirect-path-header': {
    routes: [
      '(any) / open',
      'app.example.org /v2 open',
      'app.example.org / open',
      'app.example.org / open',
      'app.example.org / open',
    ],
    explain: {
      'GET http://app.example.org/x': ['301 to https://app.example.org/x'],
      'GET https://app.example.org/v2/x': ['demo/v2:80', 'GET /x'],
      'GET https://app.example.org/x X-Canary: yes': ['demo/canary:80'],
      'GET https://app.example.org/x?beta=1': ['demo/beta:80'],
      'GET https://app.example.org/x': ['demo/app:80'],
    },
  },
  '65-longhorn-traefik': {
    routes: ['lh.example.org / asks'],
    explain: { 'GET http://lh.example.org/': ['unknown host'] },
  },
};

const names = readdirSync(folder).map((name) => name.replace(/\.yaml$/, ''));

/** The files of a case, by the path that the command line gets. */
function filesOf(name: string): Readonly<Record<string, string>> {
  const one = path.join(folder, `${name}.yaml`);
  if (!statSync(path.join(folder, name), { throwIfNoEntry: false })?.isDirectory())
    return { [`${name}.yaml`]: readFileSync(one, 'utf8') };
  const below = readdirSync(path.join(folder, name));
  return Object.fromEntries(
    below.map((file) => [`${name}/${file}`, readFileSync(path.join(folder, name, file), 'utf8')]),
  );
}

const flagsOf = (name: string) => ({ file: [Object.keys(filesOf(name))[0]!.includes('/') ? name : `${name}.yaml`] });

interface Row {
  readonly match: {
    readonly host: { readonly name?: string; readonly suffix?: string };
    readonly path: { readonly path: string };
  };
  readonly answer: string;
}

const told = ({ match: { host, path: taken }, answer }: Row) =>
  `${host.name ?? (host.suffix === undefined ? '(any)' : `*.${host.suffix}`)} ${taken.path} ${answer}`;

test('every case has its expectations', () => {
  expect(Object.keys(cases).toSorted()).toEqual(names.toSorted());
});

test.each(Object.entries(cases))('%s: each route has the answer that its controller gives', async (name, expected) => {
  const all = await runVerb(routes, [], { ...flagsOf(name), format: 'json' }, filesOf(name));
  expect((JSON.parse(all.out) as readonly Row[]).map(told)).toEqual(expected.routes);
  for (const words of expected.words ?? []) expect(all.words).toContain(words);
  const open = await runVerb(routes, [], { ...flagsOf(name), open: true, format: 'json' }, filesOf(name));
  const untold = expected.routes.some((route) => !route.endsWith(' asks')) || expected.words !== undefined;
  const redirectsOnly = name === '48-traefik-redirect-status';
  expect(open.code).toBe(untold && !redirectsOnly ? 1 : 0);
});

test.each(
  Object.entries(cases).flatMap(([name, { explain: asked }]) =>
    Object.entries(asked ?? {}).map(([request, holds]) => [name, request, holds] as const),
  ),
)('%s: %s', async (name, request, holds) => {
  const [method = '', url = '', ...rest] = request.split(' ');
  const header = rest.length === 0 ? [] : rest.join(' ').split(', ');
  const { out } = await runVerb(explain, [method, url], { ...flagsOf(name), header }, filesOf(name));
  for (const part of holds) {
    if (part.startsWith('!')) expect(out).not.toContain(part.slice(1));
    else expect(out).toContain(part);
  }
});

test.each(Object.entries(cases).filter(([, { finds }]) => finds !== undefined))(
  '%s: check finds what is wrong with it',
  async (name, { finds = [] }) => {
    const flags = { ...flagsOf(name), stack: 'production' };
    const { code, out } = await runVerb(check, [], flags, filesOf(name));
    expect(code).toBe(1);
    for (const found of finds) expect(out).toContain(found);
  },
);
