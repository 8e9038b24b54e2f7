import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  denyPriority,
  hostGuardPriority,
  lastPriority,
  routePriority,
} from '../../../../../components/compile/edges/traefik/priority.ts';
import { hostRank, rank } from '../../../../../components/model/precedence.ts';
import type { RouteMatch } from '../../../../../components/model/route-match.ts';

const segment = fc.constantFrom('a', 'b', 'c');
const anyMatch: fc.Arbitrary<RouteMatch> = fc.record({
  host: fc.constantFrom<RouteMatch['host']>(
    { kind: 'exact', name: 'a.example.org' },
    { kind: 'wildcard', suffix: 'example.org' },
    { kind: 'any' },
  ),
  path: fc.record({
    kind: fc.constantFrom('exact' as const, 'prefix' as const),
    path: fc.array(segment, { maxLength: 63 }).map((parts) => `/${parts.join('/')}`),
  }),
  methods: fc.subarray(['DELETE', 'GET', 'POST', 'PUT']),
  headers: fc.nat(15).map((count) => Array.from({ length: count }, (_, i) => ({ name: `x-${i}`, value: '1' }))),
});

test('routers are in the order of the contract', () => {
  fc.assert(
    fc.property(anyMatch, anyMatch, (a, b) => {
      expect(Math.sign(routePriority(a, 'route') - routePriority(b, 'route'))).toBe(Math.sign(rank(a) - rank(b)));
    }),
  );
});

test('a guard is right below its route: no other route of whatever match comes between', () => {
  fc.assert(
    fc.property(anyMatch, anyMatch, (a, b) => {
      fc.pre(rank(a) !== rank(b));
      const between = (priority: number) =>
        priority > routePriority(a, 'unavailable') && priority < routePriority(a, 'challenge');
      expect(
        (['challenge', 'websocket', 'route', 'unavailable'] as const).map((s) => routePriority(b, s)).some(between),
      ).toBe(false);
    }),
  );
});

test('the guard of a host is below its own routes and their guards, above those of less exact hosts', () => {
  fc.assert(
    fc.property(anyMatch, anyMatch, (a, b) => {
      expect(hostGuardPriority(a.host)).toBeLessThan(routePriority(a, 'unavailable'));
      if (hostRank(b.host) < hostRank(a.host))
        expect(hostGuardPriority(a.host)).toBeGreaterThan(routePriority(b, 'challenge'));
    }),
  );
});

test('every priority is above what Traefik takes from the length of a rule and below what it keeps', () => {
  fc.assert(
    fc.property(anyMatch, (match) => {
      for (const priority of [hostGuardPriority(match.host), routePriority(match, 'challenge')]) {
        expect(priority).toBeGreaterThan(1.5 * 2 ** 20);
        expect(priority).toBeLessThan(denyPriority);
      }
    }),
  );
  expect(denyPriority).toBeLessThan(2 ** 31 - 1000);
  expect(lastPriority).toBeGreaterThan(0);
});
