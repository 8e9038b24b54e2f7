import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  demandWord,
  type PortPath,
  readDemand,
  readHosts,
  readPaths,
  routingNames,
  writeRouting,
} from '../../../components/dialects/routing.ts';
import { readRoutingHost, readRoutingPath, readRoutingPort } from '../../../components/dialects/routing-grammar.ts';

const ports = (...declared: number[]) => new Set(declared);
const accepted = (text: string) => readRoutingPath(text).ok;

describe('hosts', () => {
  test.each([
    ['localhost', 'localhost'],
    ['A.COM', 'a.com'],
    ['192.168.0.1', '192.168.0.1'],
    ['test.github.com', 'test.github.com'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ])('K18: %s is the host %s', (text, host) => {
    expect(readRoutingHost(text)).toEqual({ ok: true, value: host });
  });

  test.each([
    '*.example.com',
    'a_b.com',
    '-a.com',
    'a-.com',
    'a..b',
    'test.',
    '::1',
    'a.com:80',
    '',
    '999.999.999.999',
    '1.2.3',
    '01.2.3.4',
    `${'a'.repeat(64)}.com`,
    `${'a.'.repeat(127)}a`,
  ])('K18: %s is no host that a pod may claim', (text) => {
    expect(readRoutingHost(text).ok).toBe(false);
  });

  test.each(['a.com;}server{', '~^.*$', '_', '""', 'a.com\tb.com', 'a.com\n', 'ﬁ.com', '\u212a.com', 'a．com', 'a\0b'])(
    'N11, N12: %j is no host',
    (text) => {
      expect(readRoutingHost(text).ok).toBe(false);
    },
  );

  test('K7: a bad host is told and left out, the good one stands', () => {
    const { items, problems } = readHosts('test.github.com test.');
    expect(items).toEqual(['test.github.com']);
    expect(problems.map(({ found }) => found)).toEqual(['"test."']);
  });

  test('the same host in other letters is one host', () => {
    expect(readHosts('test.com TEST.com').items).toEqual(['test.com']);
  });

  test('an empty annotation asks for nothing, and is told', () => {
    expect(readHosts('')).toMatchObject({ items: [], problems: [{ found: '""' }] });
  });
});

describe('paths', () => {
  test('K3: each item is a port and its path', () => {
    expect(readPaths('80:/prod 3000:/test', ports(80, 3000))).toEqual({
      items: [
        { port: 80, path: '/prod', written: '/prod' },
        { port: 3000, path: '/test', written: '/test' },
      ],
      problems: [],
    });
  });

  test.each(['abcdef:/', '-1:/', '77777:/', '81:/', '0:/'])('K5: %s with only 80 declared is no route', (item) => {
    const { items, problems } = readPaths(item, ports(80));
    expect(items).toEqual([]);
    expect(problems).toHaveLength(1);
  });

  test('K6: a broken escape is no route', () => {
    expect(readPaths('3000:/people/%ZZ', ports(3000)).items).toEqual([]);
  });

  test('K15, K16: two ports may serve the same path', () => {
    expect(readPaths('443:/ 80:/', ports(80, 443)).items).toEqual([
      { port: 443, path: '/', written: '/' },
      { port: 80, path: '/', written: '/' },
    ]);
  });

  test.each(['80:', '80:/a:b', '80', '80:/,81:/x', ':/', ''])('K17: %j is no route, and is told', (item) => {
    const { items, problems } = readPaths(item, ports(80, 81));
    expect(items).toEqual([]);
    expect(problems).toHaveLength(1);
  });

  test('K17: two spaces have one empty item between them; both routes stand', () => {
    const { items, problems } = readPaths('80:/  81:/x', ports(80, 81));
    expect(items.map(({ path }) => path)).toEqual(['/', '/x']);
    expect(problems.map(({ found }) => found)).toEqual(['""']);
  });

  test.each(['+3000', '0080', ' 80', '80 ', '0x50', '8_0', '８０', ''])('K20: %j is no port', (text) => {
    expect(readRoutingPort(text)).toBeNull();
  });

  test('a port is 1 to 65535', () => {
    expect([readRoutingPort('1'), readRoutingPort('65535'), readRoutingPort('65536')]).toEqual([1, 65_535, null]);
  });

  test.each([
    ['/admin/', '/admin'],
    ['/', '/'],
    ['/%20', '/%20'],
    ['/%c3%a9', '/%C3%A9'],
    ['/%6eodejs', '/nodejs'],
    ['/a.b/..c', '/a.b/..c'],
  ])('K19: %s is the path %s', (text, path) => {
    expect(readRoutingPath(text)).toEqual({ ok: true, value: path });
  });

  test.each([
    '/a{b',
    '/a;b',
    'nodejs',
    '~/foo.*',
    '/x%ZZ',
    '/a\tb',
    '//',
    '/a//b',
    '/{x',
    '/?a',
    '/é',
    '/%ZZa',
    '/..',
    '/.',
  ])('K19: %j is no path', (text) => {
    expect(accepted(text)).toBe(false);
  });

  test.each([
    '@x',
    '=/foo',
    '/a"b',
    "/a'b",
    '/a\\',
    '/a#b',
    '/a$b',
    '/a`b',
    '/a|b',
    '/%2e%2e',
    '/a%2Fb',
    '/a%00',
    '/a%5c',
    '/a%0a',
  ])('N1 to N9: %j is no path', (text) => {
    expect(accepted(text)).toBe(false);
  });

  test.each([
    '/a{return\t200\towned;}location\t/zz',
    '/a{}\n}\nserver{listen\t80;server_name\tvictim;location\t/x',
    '/a{alias\t/etc/;autoindex\ton;}location\t/zz',
    '/x{include\t/etc/passwd;}',
  ])('N1 to N3, N9: nginx text is no path: %j', (text) => {
    expect(accepted(text)).toBe(false);
  });

  test('N22: no byte passes because of what stands before or after it', () => {
    const passed = Array.from({ length: 0x180 }, (_, code) => String.fromCharCode(code)).filter(
      (character) => accepted(`/a${character}`) && accepted(`/${character}a`) && character !== '/',
    );
    expect(passed.join('')).toBe('!&()*+,-.0123456789:=@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~');
  });

  test('the slash that ends a path is told apart only where somebody asks', () => {
    expect(readPaths('80:/a/ 80:/a 80:/a/', ports(80)).items).toEqual([
      { port: 80, path: '/a', written: '/a/' },
      { port: 80, path: '/a', written: '/a' },
    ]);
  });

  test('a path over 1024 characters is no path', () => {
    expect(accepted(`/${'a'.repeat(1023)}`)).toBe(true);
    expect(accepted(`/${'a'.repeat(1024)}`)).toBe(false);
  });

  test('reading a canonical path changes nothing', () => {
    const text = fc.string({ unit: fc.constantFrom('/', 'a', 'Z', '.', '%41', '%20', '%c3', '~', '-', '{', ';') });
    fc.assert(
      fc.property(text, (tail) => {
        const once = readRoutingPath(`/${tail}`);
        if (once.ok) expect(readRoutingPath(once.value)).toEqual(once);
      }),
    );
  });

  test('whatever the text, a path holds nothing that ends or opens a token of nginx', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (tail) => {
        const leaf = readRoutingPath(`/${tail}`);
        if (leaf.ok) expect(leaf.value).toMatch(/^\/[A-Za-z0-9._~:@!&()*+,=%/-]*$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('demand for a key', () => {
  test('only the one word is quiet', () => {
    expect(readDemand(undefined)).toEqual({ demanded: false, problems: [] });
    expect(readDemand(demandWord)).toEqual({ demanded: true, problems: [] });
  });

  test.each(['true', 'Required', '', 'none'])('a word nobody knows demands a key, and is told: %j', (word) => {
    expect(readDemand(word)).toMatchObject({ demanded: true, problems: [{ expected: '"required"' }] });
  });
});

describe('writing', () => {
  const host = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?\.test$/);
  const path: fc.Arbitrary<PortPath> = fc.record({
    port: fc.integer({ min: 1, max: 65_535 }),
    path: fc.stringMatching(/^\/[A-Za-z0-9_~@!&()*+,=-]{1,8}(\/[a-z]{1,4})?$/),
  });

  test('what is written is read back as the same routes', () => {
    const routes = fc.record({
      hosts: fc.uniqueArray(host, { minLength: 1, maxLength: 5 }),
      paths: fc.array(path, { minLength: 1, maxLength: 5 }),
      apiKey: fc.boolean(),
    });
    fc.assert(
      fc.property(routes, fc.constantFrom('routing', 'public', 'private'), (asked, side) => {
        const names = routingNames[side as keyof typeof routingNames];
        const written = writeRouting(asked, names);
        if (!written.ok) throw new Error(JSON.stringify(written.problems));
        const declared = new Set(asked.paths.map(({ port }) => port));
        expect(readHosts(written.annotations[names.hosts] ?? '').items).toEqual(asked.hosts.toSorted());
        const read = readPaths(written.annotations[names.paths] ?? '', declared).items;
        expect(new Set(read.map(({ port, path }) => ({ port, path })))).toEqual(new Set(asked.paths));
        expect(readDemand(written.annotations[names.apiKey]).demanded).toBe(asked.apiKey);
      }),
    );
  });

  test('the order of hosts and paths does not show', () => {
    const paths = [
      { port: 80, path: '/b' },
      { port: 80, path: '/a' },
    ];
    const one = writeRouting({ hosts: ['b.test', 'a.test'], paths, apiKey: false }, routingNames.public);
    const other = writeRouting(
      { hosts: ['a.test', 'b.test', 'a.test'], paths: paths.toReversed(), apiKey: false },
      routingNames.public,
    );
    expect(one).toEqual(other);
    expect(one).toEqual({ ok: true, annotations: { publicHosts: 'a.test b.test', publicPaths: '80:/a 80:/b' } });
  });

  test('every part that has no words is told at once', () => {
    const paths = [
      { port: 80, path: '/a:b' },
      { port: 80, path: '/a b' },
    ];
    const written = writeRouting({ hosts: ['*.a.test', 'b.test'], paths, apiKey: true }, routingNames.routing);
    expect(written).toMatchObject({ ok: false, problems: [{ found: '"*.a.test"' }, { found: '"80:/a:b"' }, {}] });
  });

  test('public and private routers read other annotations and another field of the same Secret', () => {
    expect(routingNames).toEqual({
      routing: names('routing', 'api-key'),
      public: names('public', 'public-api-key'),
      private: names('private', 'private-api-key'),
    });
  });
});

const names = (side: string, key: string) => ({
  hosts: `${side}Hosts`,
  paths: `${side}Paths`,
  apiKey: `${side}ApiKey`,
  secret: { name: 'routing', key },
});
