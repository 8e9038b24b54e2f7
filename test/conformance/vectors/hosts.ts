import type { Vector } from '../vector.ts';

const get = (host: string | null, target: string) => ({ host, target });
const served = (service: string) => ({ status: 200, service });
const notFound = { status: 404, service: null } as const;

/** Which host reaches whose routes. */
export const hostVectors: readonly Vector[] = [
  { id: 'V13', says: 'a host without routes is 404', request: get('nobody.test', '/'), expect: notFound },
  { id: 'V14a', says: 'hosts are compared without case', request: get('H.TEST', '/'), expect: served('a') },
  { id: 'V14b', says: 'without port', request: get('h.test:1234', '/'), expect: served('a') },
  { id: 'V14c', says: 'without the dot at the end', request: get('h.test.', '/'), expect: served('a') },
  { id: 'V15', says: 'a wildcard takes one label', request: get('x.wild.test', '/p'), expect: served('b') },
  { id: 'V16a', says: 'not two', request: get('y.x.wild.test', '/p'), expect: notFound },
  { id: 'V16b', says: 'not none', request: get('wild.test', '/p'), expect: notFound },
  {
    id: 'V17a',
    says: 'an exact host never falls through to a wildcard',
    request: get('foo.gw.test', '/api/x'),
    expect: notFound,
  },
  { id: 'V17b', says: 'it has its own routes', request: get('foo.gw.test', '/only'), expect: served('a') },
  { id: 'V17c', says: 'the wildcard has the others', request: get('bar.gw.test', '/api/x'), expect: served('b') },
  {
    id: 'V18',
    says: 'an exact host wins over a wildcard with the same path',
    request: get('exact.wild.test', '/p'),
    expect: served('a'),
  },
  {
    id: 'R13a',
    says: 'two Host fields are refused',
    request: { ...get('h.test', '/'), headers: [['Host', 'prefix.test']] },
    expect: { status: 400, service: null },
  },
  { id: 'R13b', says: 'no Host is refused', request: get(null, '/'), expect: { status: 400, service: null } },
  {
    id: 'R14',
    says: 'a known host in another spelling has the same protection',
    request: get('KEY.TEST.:80', '/'),
    expect: { status: 403, service: null },
  },
  {
    id: 'C11',
    says: 'the absolute form names the host',
    request: get('nobody.test', 'http://h.test/x'),
    expect: { ...served('a'), target: '/x' },
  },
];

/** With a default backend. */
export const defaultVectors: readonly Vector[] = [
  { id: 'V19a', says: 'a named host has its routes', request: get('h.default.test', '/app'), expect: served('a') },
  {
    id: 'V19b',
    says: 'the default backend has every other host',
    request: get('other.test', '/x'),
    expect: served('d'),
  },
  {
    id: 'V19c',
    says: 'a named host never falls through to it',
    request: get('h.default.test', '/other'),
    expect: notFound,
  },
  {
    id: 'V19d',
    says: 'nor do refused paths',
    request: get('other.test', '/a/../b'),
    expect: { status: 400, service: null },
  },
  {
    id: 'V19e',
    says: 'challenges are left to their solver',
    request: get('other.test', '/.well-known/acme-challenge/tok'),
    expect: notFound,
  },
];
