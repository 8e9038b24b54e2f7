import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Directive } from '../../../controllers/router/nginx/directive.ts';
import { runFolder } from '../../../controllers/router/nginx/http-block.ts';
import { testConfiguration } from '../../../controllers/router/nginx/program.ts';
import { type Rendered, render } from '../../../controllers/router/nginx/render.ts';
import type { Route, RoutingTable } from '../../../controllers/router/routing-table.ts';
import { empty } from '../../controllers/router/nginx/tables.ts';
import { type ParsedDirective, parseConfigurations } from '../../judges/crossplane.ts';
import { seed } from '../../seed.ts';
import { ensureNginx } from '../nginx-package.ts';
import { routeTo, usualSettings } from './nginx-bench.ts';

let folder: string;

beforeAll(async () => {
  await ensureNginx();
  folder = await mkdtemp(join(tmpdir(), 'router-fuzz-'));
  await mkdir(join(folder, 'temporary'));
});

afterAll(() => rm(folder, { recursive: true }));

/** Mostly `sound`, so that many routes are served and what is odd stands among them. */
const mostly = <T>(sound: fc.Arbitrary<T>, odd: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: sound, weight: 30 }, { arbitrary: odd, weight: 1 });

const soundPath = fc.oneof(
  fc.constantFrom('/', '/a', '/a/b', '/@x', '/%C3%A9', '/a%20b', '/(a+)', '/~.', '/a,b=c&d!*:@'),
  fc.stringMatching(/^\/[a-z0-9~:@!&()*+,=-]{1,16}$/),
);
/** Texts that want to be more than a text, and any others. */
const hostile = fc.oneof(
  fc.constantFrom(
    '/',
    '/a',
    '/a/b',
    '/@x',
    '/%C3%A9',
    '/(a+)+',
    '/a"b',
    '/a{return\t200;}',
    '/a;b',
    '/$uri',
    '~.*',
    "/'",
    '/a\\',
    '/{',
    '#',
    '/a}\nserver{',
    '/ $1',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ maxLength: 20 }).map((text) => `/${text}`),
  fc.stringMatching(/^\/[a-z0-9._~:@!&()*+,=/-]{0,16}$/),
);
const header = mostly(fc.constantFrom('X-User', 'X-A', 'authorization', 'Set-Cookie'), fc.string({ maxLength: 12 }));
const address = mostly(fc.oneof(fc.ipV4(), fc.ipV6()), fc.string({ maxLength: 12 }));
const target = fc.record({ address, port: mostly(fc.integer({ min: 1, max: 65_535 }), fc.integer()) });
const hostName = mostly(
  fc.oneof(fc.constantFrom('a.test', '*.a.test', '', 'b.test', `${'x'.repeat(60)}.test`), fc.domain()),
  fc.string({ maxLength: 12 }),
);

const protection: fc.Arbitrary<Route['protection']> = fc.oneof(
  fc.constant({ kind: 'open' } as const),
  fc.record({ kind: fc.constant('apiKey' as const), ring: mostly(fc.constant('shop'), fc.string()) }),
  fc.record({ kind: fc.constant('broken' as const), why: fc.string() }),
  fc.record({
    kind: fc.constant('basicAuth' as const),
    realm: mostly(fc.constantFrom('a "b" $c', 'x'), fc.string()),
    users: fc.array(mostly(fc.constant('a:$apr1$x$y'), fc.string()), { minLength: 1, maxLength: 2 }),
  }),
  fc.record({
    kind: fc.constant('forwardAuth' as const),
    targets: fc.array(target, { minLength: 1, maxLength: 2 }),
    authority: mostly(fc.constant('auth.svc:80'), fc.string()),
    target: mostly(fc.constantFrom('/auth', '/a?b=$c&d=;{}', '/%2F'), fc.string()),
    responseHeaders: fc.array(header, { maxLength: 2 }),
    timeoutMs: mostly(fc.integer({ min: 1, max: 10_000 }), fc.integer()),
  }),
);

const action: fc.Arbitrary<Route['action']> = fc.oneof(
  fc.constant({ kind: 'unavailable' } as const),
  fc.record({
    kind: fc.constant('redirect' as const),
    status: fc.constantFrom(301 as const, 308 as const),
    to: mostly(fc.webUrl({ withQueryParameters: true }), hostile),
  }),
  fc.record({
    kind: fc.constant('forward' as const),
    targets: fc.array(target, { minLength: 1, maxLength: 3 }),
    protocol: fc.constantFrom('http' as const, 'https' as const),
    rewriteTo: fc.option(mostly(soundPath, hostile)),
    sticky: fc.option(fc.record({ cookie: mostly(fc.constant('pod'), fc.string()) })),
    connectMs: mostly(fc.integer({ min: 1, max: 60_000 }), fc.integer()),
    responseMs: fc.constantFrom(60_000, 1),
    streaming: fc.boolean(),
    websocket: fc.boolean(),
  }),
);

const cors = fc.record({
  origins: fc.array(mostly(fc.constantFrom('*', 'https://a.test'), fc.string()), { minLength: 1, maxLength: 2 }),
  methods: fc.array(mostly(fc.constantFrom('GET', 'POST'), fc.constant('PUT;')), { maxLength: 2 }),
  headers: fc.array(header, { maxLength: 2 }),
  exposeHeaders: fc.array(header, { maxLength: 2 }),
  credentials: fc.boolean(),
  maxAgeSeconds: mostly(fc.nat(86_400), fc.integer()),
});

const route: fc.Arbitrary<Route> = fc
  .record({
    host: hostName,
    path: fc.record({
      kind: fc.constantFrom('exact' as const, 'prefix' as const, 'text' as const),
      path: mostly(soundPath, hostile),
    }),
    number: fc.nat(999),
    more: fc.record(
      {
        action,
        protection,
        allowFrom: fc.option(
          fc.array(mostly(fc.constantFrom('10.0.0.0/8', 'fd00::/8'), fc.string()), { maxLength: 2 }),
        ),
        httpsRedirect: fc.boolean(),
        hsts: fc.option(
          fc.record({ maxAgeSeconds: fc.nat(86_400), includeSubdomains: fc.boolean(), preload: fc.boolean() }),
        ),
        cors: fc.option(cors),
        removedHeaders: fc.array(header, { maxLength: 2 }),
        bodyLimitBytes: fc.option(mostly(fc.integer({ min: 1 }), fc.integer())),
        encodedSlash: fc.constantFrom('refuse' as const, 'allow' as const),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ host, path, number, more }) => ({
    ...routeTo({ address: '10.0.0.1', port: 80 }, host, path, more),
    id: `fuzz/${number}`,
  }));

const tables: fc.Arbitrary<RoutingTable> = fc.array(route, { maxLength: 12 }).map((routes) => ({ ...empty, routes }));

/** The same tables in every run but one with a seed of its own. */
const samples = fc.sample(tables, { seed, numRuns: 400 });

async function write(rendered: Rendered, index: number): Promise<string> {
  const file = join(folder, `${index}.conf`);
  for (const [name, content] of rendered.files) await writeFile(join(folder, name), content, 'latin1');
  await writeFile(file, rendered.text, 'latin1');
  return file;
}

/** As the other parser has it: it takes the parentheses of `if` off. */
function asParsed({ name, args, block }: Directive): ParsedDirective {
  const bare = name === 'if' ? conditionOf(args) : args;
  return { directive: name, args: bare, ...(block === null ? {} : { block: block.map(asParsed) }) };
}

function conditionOf(args: readonly string[]): readonly string[] {
  const opened = args.map((arg, index) => (index === 0 ? arg.replace(/^\(/, '') : arg));
  return opened.at(-1) === ')'
    ? opened.slice(0, -1)
    : [...opened.slice(0, -1), (opened.at(-1) ?? '').replace(/\)$/, '')];
}

/** Without the numbers of lines. Of a quoted text this parser leaves doubled backslashes as they are. */
function asMeant({ directive, args, block }: ParsedDirective): ParsedDirective {
  const meant = (text: string) => text.replaceAll('\\\\', '\\');
  const inside = block === undefined ? {} : { block: block.map(asMeant) };
  return { directive: meant(directive), args: args.map(meant), ...inside };
}

describe('whatever a tenant writes', () => {
  test('an independent parser reads back exactly what was meant, argument by argument', async () => {
    const settings = await usualSettings();
    // A path may hold bytes that are no UTF-8, which this parser drops.
    const readable = samples
      .map((table) => render(table, settings, runFolder(folder)))
      .filter(({ text }) => isAscii(text));
    const files = await Promise.all(readable.map(write));
    const parsed = await parseConfigurations(files);
    expect(parsed).toHaveLength(readable.length);
    expect(readable.length).toBeGreaterThan(300);
    for (const [index, { directives }] of readable.entries())
      expect(parsed[index]?.map(asMeant)).toEqual(directives.map(asParsed));
  });

  test('nginx takes what is rendered, and nothing that is hostile keeps the rest from being served', async () => {
    const settings = { ...(await usualSettings()), accessLog: false };
    // That a test is cut says nothing of its configuration: here none is.
    const program = { binary: '/usr/sbin/nginx', run: runFolder(folder), testMs: 120_000 };
    for (const [index, table] of samples.slice(0, 150).entries()) {
      const good = routeTo({ address: '10.0.0.9', port: 80 }, 'certainly.good.test', '/');
      const rendered = render({ ...table, routes: [...table.routes, good] }, settings, program.run);
      const file = await write(rendered, index);
      expect(await testConfiguration(program, file, rendered.text.length), rendered.text).toEqual({ ok: true });
      expect(rendered.text).toContain('server_name certainly.good.test;');
    }
  });

  test('the samples are no walk-over: many routes pass, many do not', async () => {
    const settings = await usualSettings();
    const all = samples.map((table) => ({ asked: table.routes.length, ...render(table, settings, runFolder(folder)) }));
    const [asked, served] = [
      all.reduce((sum, one) => sum + one.asked, 0),
      all.reduce((sum, one) => sum + one.routes, 0),
    ];
    expect(served).toBeGreaterThan(asked / 4);
    expect(served).toBeLessThan((asked * 3) / 4);
  });
});

function isAscii(text: string): boolean {
  return [...text].every((character) => character.charCodeAt(0) < 0x80);
}
