import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ParsedDefinition } from '../../../components/model/definition.ts';
import { parseDefinition, parseDefinitions, parseEnvironment } from '../../../components/model/parse.ts';
import { formatProblem, type Problem, type Result } from '../../../components/model/problem.ts';
import { readYaml } from '../../../components/model/yaml.ts';
import { badApps, badDefinitions, badEnvironments, badYaml, goodApp } from './bad-definitions.ts';

function told(result: Result<unknown>): readonly string[] {
  return result.ok ? [] : result.problems.map(formatProblem);
}

function problems(result: Result<unknown>): readonly Problem[] {
  return result.ok ? [] : result.problems;
}

describe('every mistake is told by its exact text', () => {
  test.each(badApps)('$title', ({ input, says }) => {
    expect(told(parseDefinition({ ...goodApp, ...input }))).toEqual(says);
  });
  test.each(badDefinitions)('$title', ({ input, says }) => {
    expect(told(parseDefinition(input))).toEqual(says);
  });
  test.each(badYaml)('YAML: $title', ({ input, says }) => {
    expect(told(readYaml(input, 'app.yaml'))).toEqual(says);
  });
  test.each(badEnvironments)('environment: $title', ({ input, says }) => {
    expect(told(parseEnvironment(input))).toEqual(says);
  });
});

test('the corpus holds every row of the attack list that input can carry', () => {
  const titles = [...badApps, ...badDefinitions].map(({ title }) => title).join('\n');
  const rows = 'N1 N2 N3 N4 N6 N7 N8 N9 N11 N12 N13 N15 N17 N19 N20 N23 N24 N25 N27 N29 N30 T1 T4 T8 T10 T12'.split(
    ' ',
  );
  expect(rows.filter((row) => !titles.includes(`(${row})`))).toEqual([]);
});

test('a definition without a mistake comes back as it was written', () => {
  const result = parseDefinition(goodApp);
  const { apiVersion: _version, kind: _kind, ...fields } = goodApp;
  expect(result).toEqual({ ok: true, value: { kind: 'App', value: fields, subject: 'app shop/cart' } });
});

test('problems of all definitions come together', () => {
  const sources = [{ input: { ...goodApp, image: 'cart' } }, { input: goodApp }, { input: 7 }];
  expect(problems(parseDefinitions(sources)).map(({ at }) => at.subject)).toEqual(['app shop/cart', 'definition 3']);
});

test('a definition from a file that has no name is named by its file', () => {
  const result = parseDefinition({ kind: 'App' }, { file: 'apps/cart.yaml', positionOf: () => undefined });
  expect(problems(result)[0]?.at).toEqual({
    subject: 'apps/cart.yaml',
    path: 'apiVersion',
    source: { file: 'apps/cart.yaml', line: 1, column: 1 },
  });
});

test('a value that may be secret is never told', () => {
  const secret = 'hunter2-correct-horse';
  const places = [
    { env: { MODE: { value: secret } } },
    { env: { DB_PASSWORD: secret } },
    { env: secret },
    { files: { '/a': secret } },
    { files: { '/a': { content: [secret] } } },
    { args: [secret, 3] },
    { password: secret },
    { routes: [{ headers: { Authorization: `${secret}"` } }] },
    { routes: [{ requestHeaders: { set: { Authorization: `${secret}\n` } } }] },
    { probes: { readiness: { check: { http: { path: '/', headers: { Authorization: `${secret}\n` } } } } } },
    { protection: { forwardAuth: { url: `https://me:${secret}@auth.example.org/` } } },
    { protection: { forwardAuth: { signIn: `https://me:${secret}@auth.example.org/` } } },
  ];
  for (const place of places) {
    const texts = told(parseDefinition({ ...goodApp, ...place }));
    expect(texts, JSON.stringify(place)).not.toEqual([]);
    expect(texts.join('\n')).not.toContain(secret);
  }
});

test('every problem says where, what, what else and how', () => {
  for (const { input } of badApps)
    for (const problem of problems(parseDefinition({ ...goodApp, ...input }))) {
      expect(problem.at.subject).not.toBe('');
      for (const text of [problem.code, problem.found, problem.expected, problem.fix]) expect(text).not.toBe('');
      expect(problem.found.length).toBeLessThan(200);
    }
});

test('lists and objects that are hostile to their reader are refused, not met by an exception', () => {
  const cyclic: Record<string, unknown> = { ...goodApp };
  cyclic.labels = cyclic;
  const throwing = Object.defineProperty({ ...goodApp }, 'image', {
    enumerable: true,
    get: () => {
      throw new Error('no');
    },
  });
  const deep = Array.from({ length: 100_000 }).reduce<unknown>((inner) => ({ inner }), {});
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const hostile = [
    cyclic,
    throwing,
    deep,
    proxy,
    { ...goodApp, env: proxy },
    { ...goodApp, env: new Map() },
    { ...goodApp, routes: new Array(4_000_000_000) },
    { ...goodApp, routes: new Array(199_999) },
    { ...goodApp, routes: [{ hosts: new Array(49_000) }] },
    { ...goodApp, [Symbol('x')]: 1, image: Symbol('y') },
    { ...goodApp, image: () => 'x', replicas: 3n },
    JSON.parse('{"kind":"App","__proto__":{"name":"x"}}'),
    { ...goodApp, name: { toString: () => 'x' } },
  ];
  for (const input of hostile) expect(problems(parseDefinition(input)).length).toBeGreaterThan(0);
});

test('an object whose prototype was changed does not lend its fields', () => {
  const { image: _image, ...rest } = goodApp;
  expect(problems(parseDefinition(Object.assign(Object.create({ image: goodApp.image }), rest)))).not.toEqual([]);
});

/** Fields of the form with anything in them: deeper into the rules than arbitrary objects reach. */
const shaped = fc.record(
  Object.fromEntries(
    ['name', 'image', 'ports', 'probes', 'routes', 'env', 'files', 'volumes', 'mounts', 'service', 'rollout'].map(
      (field) => [field, fc.oneof(fc.anything(), fc.constant((goodApp as Record<string, unknown>)[field]))],
    ),
  ),
  { requiredKeys: [] },
);

const anyRoute = fc.record(
  {
    hosts: fc.oneof(fc.anything(), fc.array(fc.constantFrom('a.example.org', '*.example.org', 'A'))),
    paths: fc.oneof(fc.anything(), fc.array(fc.oneof(fc.string(), fc.record({ prefix: fc.string() })))),
    to: fc.anything(),
    redirect: fc.anything(),
    protection: fc.anything(),
    cors: fc.anything(),
    hsts: fc.anything(),
  },
  { requiredKeys: [] },
);

test('parsing never throws, whatever the input', () => {
  fc.assert(
    fc.property(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withSparseArray: true, maxDepth: 4 }),
      (input) => {
        expect(typeof parseDefinition(input).ok).toBe('boolean');
        expect(typeof parseEnvironment(input).ok).toBe('boolean');
      },
    ),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(shaped, (fields) => {
      expect(typeof parseDefinition({ ...goodApp, ...fields }).ok).toBe('boolean');
    }),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(fc.array(anyRoute, { maxLength: 3 }), (routes) => {
      expect(typeof parseDefinition({ ...goodApp, routes }).ok).toBe('boolean');
    }),
    { numRuns: 300 },
  );
});

test.each([
  ['an object without prototype', Object.create(null)],
  ['a symbol', Symbol('length')],
  ['an object that is no number', { valueOf: 1, toString: 1 }],
])('%s as `length`, where a list or a text is due, is a problem like any other', (_, length) => {
  for (const routes of [[{ to: { length } }], { length }, [{ hosts: { length } }], [{ paths: [{ length }] }]]) {
    const found = problems(parseDefinition({ ...goodApp, routes }));
    expect(found).not.toEqual([]);
    expect(JSON.stringify(found)).not.toContain('too-many');
  }
});

test('what passes once passes again unchanged, and what is refused has a problem', () => {
  const route = fc.record(
    {
      hosts: fc.constantFrom(['a.example.org'], ['*.example.org'], ['A']),
      paths: fc.array(fc.constantFrom('/', '/a', '/b/', 'c'), { minLength: 1 }),
    },
    { requiredKeys: ['hosts'] },
  );
  fc.assert(
    fc.property(fc.array(route, { maxLength: 2 }), (routes) => {
      const result = parseDefinition({ ...goodApp, routes });
      const { apiVersion, kind } = goodApp;
      if (result.ok) expect(parseDefinition({ apiVersion, kind, ...result.value.value })).toEqual(result);
      else expect(result.problems).not.toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test('reading YAML never throws, whatever the text', () => {
  const line = fc.constantFrom(
    'kind: App',
    'a: &x [*x]',
    '- ',
    '? ',
    '{',
    '[',
    ']',
    '"',
    '---',
    '...',
    '\t',
    '<<: *x',
    'name: cart',
    '|',
    '%YAML 9',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(line).map((lines) => lines.join('\n')),
      ),
      (text) => {
        expect(typeof readYaml(text, 'x.yaml').ok).toBe('boolean');
      },
    ),
    { numRuns: 500 },
  );
});

test('YAML and TypeScript say the same', () => {
  const text = JSON.stringify({ ...goodApp, routes: [{ hosts: ['shop.example.org'], paths: ['/cart'] }] });
  const fromText = readYaml(text, 'x.yaml');
  const fromObject = parseDefinition(JSON.parse(text));
  const value = (result: Result<ParsedDefinition>) => (result.ok ? result.value.value : result);
  expect(fromText.ok && fromText.value[0]?.value).toEqual(value(fromObject));
});

test('an empty text and empty documents define nothing', () => {
  for (const text of ['', '# words\n', '---\n---\n', '\uFEFF'])
    expect(readYaml(text, 'x.yaml')).toEqual({ ok: true, value: [] });
});

test('a place in a parsed definition has its line', () => {
  const result = readYaml(
    `${JSON.stringify(goodApp)}\n---\napiVersion: edgeplane/v1\nkind: App\nname: x\nimage: r/x:1\nports:\n  http: 80\nprobes: {readiness: {check: {tcp: {}}}}\n`,
    'x.yaml',
  );
  const position = result.ok ? result.value[1]?.origin?.positionOf(['ports', 'http']) : undefined;
  expect(position).toEqual({ line: 8, column: 3 });
});
