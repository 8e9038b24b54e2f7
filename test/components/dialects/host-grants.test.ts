import { describe, expect, test } from 'vitest';
import {
  decodeHostGrants,
  encodeHostGrants,
  type HostGrants,
  mayHave,
  ownersOf,
} from '../../../components/dialects/host-grants.ts';

const grants: HostGrants = {
  hosts: new Map([
    ['shop.test', new Set(['shop', 'blog'])],
    ['*.shop.test', new Set(['shop'])],
    ['b.shop.test', new Set(['blog'])],
    ['*', new Set(['web'])],
  ]),
  others: new Set(['preview']),
};
const written = { _other: 'preview', blog: 'b.shop.test shop.test', shop: '*.shop.test shop.test', web: '*' };

describe('host grants as a ConfigMap', () => {
  test('each namespace has its hosts under its own name', () => {
    expect(encodeHostGrants(grants)).toEqual(written);
  });

  test('what was written is read', () => {
    expect(decodeHostGrants(written)).toEqual({ grants, problems: [] });
    const open = { hosts: new Map(), others: 'anybody' } as const;
    expect(decodeHostGrants(encodeHostGrants(open)).grants).toEqual(open);
  });

  test('what is no host grants nothing and is told; who has other hosts is nobody where nothing is said', () => {
    const read = decodeHostGrants({ a: 'SHOP.test .x.test  **.x a.test:80 https://a.test', b: ' ok.test\n*.ok.test ' });
    expect(read.problems).toHaveLength(5);
    expect(read.problems[0]).toContain('namespace a: found "SHOP.test"');
    const b = new Set(['b']);
    expect(read.grants).toEqual({
      hosts: new Map([
        ['ok.test', b],
        ['*.ok.test', b],
      ]),
      others: new Set(),
    });
  });
});

describe('who may have a host', () => {
  test.each([
    ['shop.test', ['blog', 'shop']],
    ['a.shop.test', ['shop']],
    ['b.shop.test', ['blog']],
    ['a.b.shop.test', ['preview']],
    ['*.shop.test', ['shop']],
    ['*.b.shop.test', ['preview']],
    ['*', ['web']],
    ['other.test', ['preview']],
    ['localhost', ['preview']],
    ['_any', ['preview']],
  ])('%s: %j', (host, namespaces) => {
    expect([...(ownersOf(grants, host) as ReadonlySet<string>)].toSorted()).toEqual(namespaces);
    for (const name of ['shop', 'blog', 'web', 'preview', 'thief'])
      expect(mayHave(grants, name, host)).toBe(namespaces.includes(name));
  });

  test('a host that is granted to nobody stays nobody’s where all others are anybody’s', () => {
    const open: HostGrants = { hosts: new Map([['shop.test', new Set<string>()]]), others: 'anybody' };
    expect(mayHave(open, 'a', 'shop.test')).toBe(false);
    expect(mayHave(open, 'a', 'other.test')).toBe(true);
  });
});
