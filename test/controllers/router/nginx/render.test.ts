import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Certificate, HostCertificate, Route } from '../../../../controllers/router/routing-table.ts';
import { type ReadDirective, readConfiguration } from './reader.ts';
import { owner, rendered, route } from './tables.ts';

function certificate(
  host: string,
  key: readonly string[] = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  try {
    const [keyFile, chain] = [join(folder, 'key'), join(folder, 'crt')];
    const args = [
      'req',
      '-x509',
      '-newkey',
      ...key,
      '-nodes',
      '-subj',
      `/CN=${host}`,
      '-keyout',
      keyFile,
      '-out',
      chain,
    ];
    execFileSync('openssl', args, { stdio: 'ignore' });
    return { chain: readFileSync(chain, 'utf8'), key: readFileSync(keyFile, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The servers of a configuration by name; `''` is that of all others. */
function servers(text: string): ReadonlyMap<string, ReadDirective> {
  const http = readConfiguration(text).find(({ name }) => name === 'http');
  const all = (http?.block ?? []).filter(({ name }) => name === 'server');
  return new Map(
    all.map((server) => [
      value(server, 'server_name')[0] ?? (value(server, 'listen')[0]?.startsWith('unix:') ? 'status' : ''),
      server,
    ]),
  );
}

const value = (directive: ReadDirective | undefined, name: string) =>
  directive?.block?.find((one) => one.name === name)?.args ?? [];

const table: readonly Route[] = [
  route('a.test', '/'),
  route('a.test', '/x', { protection: { kind: 'apiKey', ring: 'shop' } }, { rewriteTo: '/' }),
  route('b.test', '/', {
    cors: {
      origins: ['https://c.test', 'https://b.test'],
      methods: ['GET'],
      headers: [],
      exposeHeaders: [],
      credentials: false,
      maxAgeSeconds: 5,
    },
  }),
  route('*.w.test', '/', { allowFrom: ['10.0.0.0/8', '192.168.0.0/16'] }),
  route(
    '',
    '/',
    {},
    {
      targets: [
        { address: '10.0.0.2', port: 1 },
        { address: '10.0.0.1', port: 1 },
      ],
    },
  ),
];

describe('render', () => {
  test('the order of a table means nothing', () => {
    const { text } = rendered(table);
    fc.assert(
      fc.property(fc.shuffledSubarray([...table], { minLength: table.length }), (shuffled) => {
        expect(rendered(shuffled).text).toBe(text);
      }),
      { numRuns: 30 },
    );
  });

  test('I6: a host’s server is the same whatever others ask for', () => {
    const alone = servers(rendered([table[0]!, table[1]!]).text).get('a.test');
    const among = servers(
      rendered([
        ...table,
        route('z.test', '/a{', {}),
        ...Array.from({ length: 9 }, (_, index) => route(`o${index}.test`, '/')),
      ]).text,
    ).get('a.test');
    expect(among).toEqual(alone);
    expect(alone?.block?.filter(({ name }) => name === 'location').length).toBeGreaterThan(3);
  });

  test('a bad route is left out and told to each of its owners; the rest is served', () => {
    const other = { ...owner, name: 'web-2', uid: 'u2' };
    const { rejections, text, routes } = rendered([table[0]!, route('bad.test', '/{', { owners: [owner, other] })]);
    expect(rejections.map(({ owner: { name }, reason }) => [name, reason])).toEqual([
      ['web', 'InvalidPath'],
      ['web-2', 'InvalidPath'],
    ]);
    expect(routes).toBe(1);
    expect([...servers(text).keys()].toSorted()).toEqual(['', 'a.test', 'status']);
  });

  test('M1: of two routes for one path the first by id stays, in either order, and the other is told whose it is', () => {
    const [first, second] = [
      route('a.test', '/p', { id: 'a/one' }),
      route('a.test', '/p/', { id: 'b/two', owners: [{ ...owner, namespace: 'b' }] }),
    ];
    for (const order of [
      [first, second],
      [second, first],
    ]) {
      const { rejections, routes } = rendered(order);
      expect(routes).toBe(1);
      expect(rejections).toMatchObject([
        { owner: { namespace: 'b' }, reason: 'PathTaken', message: "a.test prefix /p is already a/one's" },
      ]);
    }
  });

  test('the generation is a digest of all the rest', () => {
    const [one, same, other] = [rendered(table), rendered(table.toReversed()), rendered(table.slice(1))];
    expect(same.generation).toBe(one.generation);
    expect(other.generation).not.toBe(one.generation);
    expect(
      value(
        servers(one.text)
          .get('status')
          ?.block?.find(({ args }) => args[1] === '/generation'),
        'return',
      ),
    ).toEqual(['200', one.generation]);
  });

  test('an IPv6 address has the one form that nginx reads, in targets and in ranges', () => {
    const odd = route(
      'a.test',
      '/',
      { allowFrom: ['FD00:0:0:0:0:0:0:0/8', 'fd00::/8'] },
      { targets: [{ address: '45:57dc:91a:6404:1711:86:d31b::', port: 80 }] },
    );
    const { text } = rendered([odd]);
    expect(text).toContain('server "[45:57dc:91a:6404:1711:86:d31b:0]:80";');
    expect(text.match(/fd00::\/8 0;/g)).toHaveLength(1);
  });

  test('every variable is known to nginx, also where the only route that would set it answers by itself', () => {
    const broken = route('a.test', '/', {
      removedHeaders: ['X-User'],
      protection: { kind: 'broken', why: 'no Secret' },
    });
    expect(rendered([broken]).text).toContain('set $ep_taken_x_user "";');
  });

  test('no directive takes a numeric capture', () => {
    expect(rendered(table).text).not.toMatch(/\$[0-9]/);
  });

  test('keys are in no configuration', () => {
    const keys = new Map([['shop', { kind: 'usable', digests: ['ab'.repeat(32)] } as const]]);
    const { text, files } = rendered(table, { keys });
    expect(text + [...files.values()].join()).not.toContain('ab'.repeat(8));
  });
});

describe('hosts', () => {
  test('a host of 253 characters has room, and so have 3,000', () => {
    const long = `${'a'.repeat(60)}.`.repeat(4) + 'b'.repeat(9);
    expect(long).toHaveLength(253);
    const http = (text: string) => readConfiguration(text).find(({ name }) => name === 'http');
    expect(
      value(http(rendered([route(long, '/', { id: 'shop/long' })]).text), 'server_names_hash_bucket_size'),
    ).toEqual(['512']);
    expect(value(http(rendered([route('a.test', '/')]).text), 'server_names_hash_bucket_size')).toEqual(['64']);
    const many = Array.from({ length: 3_000 }, (_, index) => route(`h${index}.test`, '/'));
    expect(Number(value(http(rendered(many).text), 'server_names_hash_max_size')[0])).toBeGreaterThanOrEqual(3_000);
  });

  test('who asks for an unknown host gets nothing, or 404', () => {
    const answer = (unknownHost: '404' | 'close') =>
      value(
        servers(rendered(table.slice(0, 1), {}, { unknownHost }).text)
          .get('')
          ?.block?.find(({ name }) => name === 'location'),
        'return',
      );
    expect([answer('close'), answer('404')]).toEqual([['444'], ['404']]);
  });

  test('a route without host is served by the default server alone', () => {
    const all = servers(rendered(table).text);
    expect(value(all.get(''), 'listen')).toContain('default_server');
    expect([...all.values()].filter((server) => value(server, 'listen').includes('default_server'))).toHaveLength(1);
  });
});

describe('certificates', () => {
  const own = certificate('a.test');
  const wild = certificate('*.w.test');
  const shown = (name: string, one: Certificate | 'default', by = 'i'): HostCertificate => ({
    host: name.startsWith('*.') ? { kind: 'wildcard', suffix: name.slice(2) } : { kind: 'exact', name },
    owner: { kind: 'Ingress', namespace: 'shop', name: by, uid: by },
    certificate: one,
  });
  const hosts = [route('a.test', '/'), route('x.w.test', '/'), route('*.w.test', '/'), route('plain.test', '/')];
  const certificates = [shown('a.test', own), shown('*.w.test', wild), shown('plain.test', 'default')];

  test('a host has its own, else that of its wildcard; the key is in a file and in no text', () => {
    const { text, files, rejections } = rendered(hosts, { certificates });
    const all = servers(text);
    const file = (name: string) => value(all.get(name), 'ssl_certificate')[0];
    expect(rejections).toEqual([]);
    expect(file('x.w.test')).toBe(file('~^[^.]+\\.w\\.test$'));
    expect(file('a.test')).not.toBe(file('x.w.test'));
    expect(files.size).toBe(2);
    expect(text).not.toContain('PRIVATE');
    expect([...files.values()].every((content) => /BEGIN CERTIFICATE[\s\S]*BEGIN PRIVATE KEY/.test(content))).toBe(
      true,
    );
  });

  test('the default certificate is for those who ask for it; without one their host stays plain', () => {
    const listens = (defaultCertificate: Certificate | null) =>
      servers(rendered(hosts, { certificates, defaultCertificate }).text)
        .get('plain.test')
        ?.block?.filter(({ name }) => name === 'listen').length;
    expect([listens(own), listens(null)]).toEqual([2, 1]);
    expect(value(servers(rendered(hosts).text).get(''), 'ssl_reject_handshake')).toEqual(['on']);
  });

  test.each<[string, Certificate, RegExp]>([
    ['no certificate', { ...own, chain: 'x' }, /no PEM certificate/],
    ['no key', { ...own, key: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n' }, /no PEM private key/],
    ['another’s key', { ...own, key: wild.key }, /not the key of the certificate/],
    ['a short key', certificate('a.test', ['rsa:1024']), /too short/],
    [
      'a broken chain',
      { ...own, chain: `${own.chain}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n` },
      /no PEM certificate/,
    ],
  ])('%s is told to its owner, and the host is served without TLS', (_what, bad, why) => {
    const { rejections, text, files } = rendered([route('a.test', '/')], { certificates: [shown('a.test', bad)] });
    expect(rejections).toMatchObject([
      { owner: { kind: 'Ingress' }, reason: 'InvalidCertificate', message: expect.stringMatching(why) },
    ]);
    expect(JSON.stringify(rejections)).not.toContain('BEGIN');
    expect(value(servers(text).get('a.test'), 'ssl_certificate')).toEqual([]);
    expect(files.size).toBe(0);
  });

  test('of two for one host that of the first owner counts', () => {
    for (const order of [
      [shown('a.test', wild, 'b'), shown('a.test', own, 'a')],
      [shown('a.test', own, 'a'), shown('a.test', wild, 'b')],
    ])
      expect([...rendered([route('a.test', '/')], { certificates: order }).files.values()][0]).toContain(
        own.chain.trim(),
      );
  });
});
