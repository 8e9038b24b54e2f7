import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { traefikEdge } from '../../../components/compile/edges/traefik.ts';
import type { EnvironmentPlan, RoutePlan } from '../../../components/compile/plan.ts';
import { type EdgeRequest, match } from '../../../components/model/match.ts';
import type { Outcome } from '../../../components/model/outcome.ts';
import { claimTheSame } from '../../../components/model/precedence.ts';
import { judge } from '../../../components/readers/judge.ts';
import { matchRead } from '../../../components/readers/meaning.ts';
import { readObjects } from '../../../components/readers/read.ts';
import { environmentPlan, planOf, routePlan } from '../compile/edges/plans.ts';

const golden = path.resolve(__dirname, '../../golden');

test.each(['dev', 'local', 'nginx', 'production', 'staging'])(
  'what %s renders reads back without a note of doubt',
  (name) => {
    const folder = path.join(golden, name);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
    const objects = files.flatMap((file) =>
      [parseAllDocuments(readFileSync(path.join(folder, file), 'utf8'))].flat().map((document) => document.toJS()),
    );
    const reading = readObjects(objects.map((object) => ({ object })));
    expect(reading.routes.length).toBeGreaterThan(3);
    expect(judge(reading).filter(({ code }) => code !== 'open-route')).toEqual([]);
  },
);

const someHost: fc.Arbitrary<RoutePlan['match']['host']> = fc.constantFrom(
  { kind: 'exact', name: 'a.test' },
  { kind: 'exact', name: 'b.test' },
  { kind: 'wildcard', suffix: 'test' },
  { kind: 'any' },
);
const paths = [
  '/',
  '/a',
  '/a/b',
  '/ab',
  '/.well-known',
  '/.well-known/acme-challenge',
  '/.well-known/acme-challenge/x',
];

const someProtection: fc.Arbitrary<RoutePlan['protection']> = fc.constantFrom(
  { kind: 'open', reason: 'everyone may look' },
  {
    kind: 'forwardAuth',
    url: 'http://gate.apps.svc.cluster.local:80/',
    target: null,
    responseHeaders: ['X-User'],
    timeoutMs: 1000,
    signIn: null,
  },
  { kind: 'apiKey', secret: 'routing', key: 'api-key' },
  { kind: 'bearer', secret: 'routing', key: 'token' },
  { kind: 'basicAuth', secret: 'users', realm: 'shop' },
);

const someAction: fc.Arbitrary<RoutePlan['action']> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(routePlan().action) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { kind: 'redirect', status: 301, to: 'https://new.test/$1/x', scheme: null, host: null, path: null },
      { kind: 'redirect', status: 302, to: null, scheme: 'https', host: null, path: null },
      { kind: 'redirect', status: 302, to: null, scheme: null, host: 'new.test', path: '/moved' },
      { kind: 'redirect', status: 301, to: null, scheme: null, host: null, path: '/moved/$2' },
    ),
  },
);

const someRoute = fc.record({
  match: fc.record({
    host: someHost,
    path: fc.record({ kind: fc.constantFrom('exact' as const, 'prefix' as const), path: fc.constantFrom(...paths) }),
    methods: fc.subarray(['GET', 'POST', 'PUT']),
    headers: fc.constantFrom(
      [],
      [],
      [{ name: 'x-key', value: '1' }],
      [
        { name: 'x-key', value: '2' },
        { name: 'x-team', value: 'a `b` "c" \\' },
      ],
    ),
  }),
  action: someAction,
  protection: someProtection,
  rewrite: fc.constantFrom('none' as const, 'none' as const, 'strip' as const, 'replace' as const),
  cors: fc.constantFrom(null, null, {
    origins: ['https://x.test'],
    methods: ['GET'],
    headers: [],
    exposeHeaders: [],
    credentials: false,
    maxAgeSeconds: 1,
  }),
  allowFrom: fc.constantFrom(null, null, ['10.0.0.0/8']),
  websocket: fc.boolean(),
  encodedSlash: fc.constantFrom('refuse' as const, 'allow' as const),
  httpsRedirect: fc.boolean(),
});

/** A table that resolve would let through, with objects named as it names them. */
function plansOf(drawn: readonly (typeof someRoute extends fc.Arbitrary<infer T> ? T : never)[], tls: boolean) {
  return drawn
    .filter((route, index) => drawn.slice(0, index).every((earlier) => !claimTheSame(earlier.match, route.match)))
    .map(({ rewrite, httpsRedirect, ...route }, index): RoutePlan => {
      const from = route.match.path.path;
      return routePlan({
        ...route,
        id: `apps/shop/r${index}`,
        objectName: `shop-r${index}`,
        rewrite:
          rewrite === 'none'
            ? { kind: 'none' }
            : { kind: 'replacePrefix', from, to: rewrite === 'strip' ? '/' : '/new/place' },
        tls: { kind: tls ? 'default' : 'off' },
        httpsRedirect: tls && httpsRedirect,
      });
    });
}

const someRequest: fc.Arbitrary<EdgeRequest> = fc.record({
  scheme: fc.constantFrom('http' as const, 'https' as const),
  host: fc.constantFrom('a.test', 'B.test.:80', 'c.test', 'x.y.test', 'other.example', ''),
  method: fc.constantFrom('GET', 'PUT', 'DELETE', 'OPTIONS'),
  target: fc
    .tuple(
      fc.constantFrom(...paths),
      fc.constantFrom('', '/', '/x', '/b', '/a%2Fb', 'b', '/../a', '//x', '/%61'),
      fc.constantFrom('', '?q=1'),
    )
    .map(([start, end, query]) => `${start === '/' && end.startsWith('/') ? '' : start}${end}${query}`),
  headers: fc.constantFrom<Record<string, string>>(
    {},
    { 'X-Key': '1' },
    { 'x-key': '2', 'X-Team': 'a `b` "c" \\' },
    { Connection: 'Upgrade', Upgrade: 'websocket' },
    { Origin: 'https://x.test', 'Access-Control-Request-Method': 'GET' },
  ),
  clientAddress: fc.constantFrom('10.1.2.3', '203.0.113.9'),
});

/** What a client and an app see. Traefik says 301 and 308 by one word, 302 and 307 too; who lost is told by other names. */
function seen(outcome: Outcome) {
  const { lost: _, ...rest } = outcome;
  if (rest.kind === 'redirect') return { ...rest, status: rest.status === 301 || rest.status === 308 ? 301 : 302 };
  return rest.kind === 'notFound' ? { ...rest, why: '' } : rest;
}

function roundTrip(environment: Partial<EnvironmentPlan>): void {
  fc.assert(
    fc.property(
      fc.array(someRoute, { minLength: 1, maxLength: 10 }),
      fc.boolean(),
      fc.array(someRequest, { minLength: 5, maxLength: 30 }),
      (drawn, tls, requests) => {
        const plan = planOf(plansOf(drawn, tls), environmentPlan(environment));
        const objects = [...traefikEdge.emit(plan).apps.values()].flat();
        const { routes, guards, notes } = readObjects(
          JSON.parse(JSON.stringify(objects)).map((object: unknown) => ({ object })),
        );
        expect(notes).toEqual([]);
        const ids = new Map(
          routes.map(({ id, source }) => [
            id,
            plan.routes.find(({ objectName }) => objectName === source.name.replace(/\.plain$/, ''))?.id,
          ]),
        );
        for (const asked of requests) {
          const request = tls ? asked : { ...asked, scheme: 'http' as const };
          const { outcome: read } = matchRead({ routes, guards }, request);
          const named =
            'route' in read && read.route !== null ? { ...read, route: ids.get(read.route) ?? read.route } : read;
          const wanted = match(plan.routes, request, { acme: plan.environment.acme });
          expect({ request, outcome: seen(named as Outcome) }).toEqual({ request, outcome: seen(wanted) });
        }
      },
    ),
    { numRuns: 300 },
  );
}

test('objects of our own edge read back as the plan they were made from', () => roundTrip({}));

test('so do those for an edge of someone else, which bring their own guards', () => {
  roundTrip({ existingEdge: { version: 'v3.7.13', args: [], namespace: 'traefik', ingressClass: null } });
});

test('and those without room for certificate challenges', () => roundTrip({ acme: false }));
