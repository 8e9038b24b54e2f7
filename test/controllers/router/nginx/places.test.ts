import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { match } from '../../../../components/model/match.ts';
import type { MatchableRoute } from '../../../../components/model/route-match.ts';
import { type Place, placesOf } from '../../../../controllers/router/nginx/places.ts';
import type { Route } from '../../../../controllers/router/routing-table.ts';
import { route } from './tables.ts';

/** nginx's choice for a path without escapes: the exact location, else the prefix with the longest name. */
function chosen(places: readonly Place[], path: string): Place | undefined {
  const exact = places.find(({ modifier, name }) => modifier === '=' && name === path);
  const prefixes = places.filter(({ modifier, name }) => modifier === '^~' && path.startsWith(name));
  return exact ?? prefixes.toSorted((a, b) => b.name.length - a.name.length)[0];
}

const segment = fc.constantFrom('a', 'b', 'ab', '.well-known', 'acme-challenge');
const path = fc
  .array(segment, { maxLength: 4 })
  .chain((segments) => fc.constantFrom(`/${segments.join('/')}`, `/${segments.join('/')}/`))
  .map((text) => text.replace('//', '/'));
const routes = fc
  .uniqueArray(fc.record({ kind: fc.constantFrom('exact' as const, 'prefix' as const), path }), {
    selector: ({ kind, path: text }) => `${kind} ${kind === 'prefix' ? text.replace(/(?<=.)\/$/, '') : text}`,
    maxLength: 6,
  })
  .map((list) => list.map((one) => route('a.test', one)));

function matchable({ id, path: { kind, path: text } }: Route): MatchableRoute {
  const at = {
    kind: kind === 'exact' ? ('exact' as const) : ('prefix' as const),
    path: kind === 'prefix' ? text.replace(/(?<=.)\/$/, '') : text,
  };
  return {
    id,
    match: { host: { kind: 'exact', name: 'a.test' }, path: at, methods: [], headers: [] },
    action: { kind: 'forward' },
    protection: { kind: 'open' },
    rewrite: { kind: 'none' },
    cors: null,
    allowFrom: null,
    websocket: false,
    httpsRedirect: false,
    encodedSlash: 'refuse',
  };
}

describe('placesOf', () => {
  test('nginx chooses what the contract chooses, for every table and path', () => {
    fc.assert(
      fc.property(routes, path, fc.boolean(), (table, target, acme) => {
        const request = { scheme: 'http', host: 'a.test', method: 'GET', target, headers: {} } as const;
        const outcome = match(table.map(matchable), request, { acme });
        const wanted = outcome.kind === 'route' ? outcome.route : null;
        expect(chosen(placesOf(table, acme), target)?.route?.id ?? null).toBe(wanted);
      }),
      { numRuns: 2_000 },
    );
  });

  test('no location stands twice, each begins with a slash, and the order of the routes means nothing', () => {
    fc.assert(
      fc.property(routes, (table) => {
        const places = placesOf(table, true);
        expect(new Set(places.map(({ modifier, name }) => `${modifier} ${name}`)).size).toBe(places.length);
        expect(places.every(({ name }) => name.startsWith('/'))).toBe(true);
        expect(placesOf(table.toReversed(), true)).toEqual(places);
      }),
    );
  });

  test('a location that passes on and ends with a slash has a twin without: nginx never redirects to it', () => {
    fc.assert(
      fc.property(routes, (table) => {
        const places = placesOf(table, true);
        const ending = places.filter(({ name, route: at }) => at !== null && name.length > 1 && name.endsWith('/'));
        const exact = new Set(places.filter(({ modifier }) => modifier === '=').map(({ name }) => name));
        expect(ending.every(({ name }) => exact.has(name.slice(0, -1)))).toBe(true);
      }),
    );
  });

  test('a text path takes what begins with it, and its twin goes to the next best', () => {
    const text = route('a.test', { kind: 'text', path: '/api/' });
    const root = route('a.test', '/');
    const places = placesOf([text, root], false);
    expect(chosen(places, '/api/x')?.route).toBe(text);
    expect(chosen(places, '/api')?.route).toBe(root);
    expect(chosen(placesOf([text], false), '/api')?.route).toBeNull();
  });
});
