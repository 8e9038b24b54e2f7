import type { Vector } from '../vector.ts';

const get = (host: string, target: string) => ({ host, target });
const seen = (target: string, prefix: string | null) => ({
  status: 200,
  service: 'a',
  target,
  upstream: { 'X-Forwarded-Prefix': prefix },
});

/** What rewrites and redirects make of a request. */
export const rewriteVectors: readonly Vector[] = [
  { id: 'V29a', says: 'a stripped path alone is /', request: get('strip.test', '/app'), expect: seen('/', '/app') },
  { id: 'V29b', says: 'with its slash too', request: get('strip.test', '/app/'), expect: seen('/', '/app') },
  { id: 'V29c', says: 'what is below stays', request: get('strip.test', '/app/x?q=1'), expect: seen('/x?q=1', '/app') },
  {
    id: 'V30',
    says: 'strip ends at a segment',
    request: get('strip.test', '/app2/x'),
    expect: { status: 404, service: null },
  },
  {
    id: 'V31',
    says: 'no dot segment comes out of a strip',
    request: get('strip.test', '/app../x'),
    expect: { status: 404, service: null },
  },
  {
    id: 'V32',
    says: 'a prefix the client claims is not told',
    request: { ...get('strip.test', '/app/x'), headers: [['X-Forwarded-Prefix', '/evil']] },
    expect: seen('/x', '/app'),
  },
  {
    id: 'V33a',
    says: 'an exact path is replaced',
    request: get('replace.test', '/old'),
    expect: { status: 200, service: 'a', target: '/new' },
  },
  {
    id: 'V33b',
    says: 'and nothing below it',
    request: get('replace.test', '/old/x'),
    expect: { status: 404, service: null },
  },
  {
    id: 'V33c',
    says: 'a prefix is replaced',
    request: get('replace.test', '/v1/x?y=z'),
    expect: seen('/v2/api/x?y=z', '/v1'),
  },
  { id: 'V33d', says: 'a prefix alone too', request: get('replace.test', '/v1'), expect: seen('/v2/api', '/v1') },
  {
    id: 'V33e',
    says: 'a base is put before everything',
    request: get('prepend.test', '/x'),
    expect: seen('/base/x', null),
  },
  {
    id: 'V34',
    says: 'no slash is decoded by a rewrite',
    request: get('strip.test', '/app/a%2Fb'),
    expect: { status: 400, service: null },
  },
  {
    id: 'C20',
    says: 'escapes survive a strip',
    request: get('strip.test', '/app/a%20b'),
    expect: seen('/a%20b', '/app'),
  },
  {
    id: 'V49',
    says: 'protection sees the path before the rewrite',
    request: { ...get('authstrip.test', '/app/x?q=1'), headers: [['Authorization', 'Bearer good']] },
    expect: seen('/x?q=1', '/app'),
  },
  {
    id: 'C21',
    says: 'a redirect to a whole URL',
    request: get('moved.test', '/x?q=1'),
    expect: { status: 308, service: null, response: { Location: 'https://elsewhere.example.org/here' } },
  },
  {
    id: 'C22',
    says: 'a redirect keeps the method',
    request: { ...get('moved.test', '/x'), method: 'POST', body: 'x' },
    expect: { status: 308, service: null, response: { Location: 'https://elsewhere.example.org/here' } },
  },
  {
    id: 'C23',
    says: 'a redirect of the host keeps path and query',
    request: get('parts.test', '/a/b?q=1'),
    expect: { status: 301, service: null, response: { Location: 'http://new.example.org/a/b?q=1' } },
  },
  {
    id: 'C24',
    says: 'a redirect of the path keeps the query',
    request: get('parts.test', '/b/x?q=1'),
    expect: { status: 302, service: null, response: { Location: 'http://parts.test/c?q=1' } },
  },
  {
    id: 'C25',
    says: 'protection comes before a redirect',
    request: get('guarded-move.test', '/'),
    expect: { status: 403, service: null, response: { Location: null } },
  },
];
