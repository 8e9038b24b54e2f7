import type { Vector } from '../vector.ts';

const plain = (host: string, target: string) => ({ host, target });
const secure = (host: string, target: string) => ({ scheme: 'https' as const, host, target });
const sts = 'max-age=31536000; includeSubDomains';

/** TLS, the redirect to it, HSTS. */
export const tlsVectors: readonly Vector[] = [
  {
    id: 'V35a',
    says: 'plain HTTP is sent to https',
    request: plain('tls.test', '/a?b=1'),
    expect: { status: 308, service: null, response: { Location: 'https://tls.test/a?b=1' } },
  },
  {
    id: 'V35b',
    says: 'with the method it had',
    request: { ...plain('tls.test', '/a?b=1'), method: 'POST', body: 'x' },
    expect: { status: 308, service: null, response: { Location: 'https://tls.test/a?b=1' } },
  },
  {
    id: 'V36',
    says: 'a port in Host does not stay',
    request: { ...plain('tls.test:8080', '/a'), method: 'PUT', body: '' },
    expect: { status: 308, service: null, response: { Location: 'https://tls.test/a' } },
  },
  {
    id: 'V37',
    says: 'an unknown host is not redirected',
    request: plain('nobody.test', '/'),
    expect: { status: 404, service: null },
  },
  {
    id: 'C30',
    says: 'a refused path is not redirected',
    request: plain('tls.test', '/a/../b'),
    expect: { status: 400, service: null },
  },
  {
    id: 'C31',
    says: 'a challenge is not redirected',
    request: plain('tls.test', '/.well-known/acme-challenge/token'),
    expect: { status: 404, service: null },
  },
  {
    id: 'V39a',
    says: 'a host shows its certificate',
    request: secure('tls.test', '/x'),
    expect: { status: 200, service: 'a', certificate: 'DNS:tls.test', upstream: { 'X-Forwarded-Proto': 'https' } },
  },
  {
    id: 'V39b',
    says: 'and another host another',
    request: secure('hsts.test', '/x'),
    expect: { status: 200, service: 'a', certificate: 'DNS:hsts.test', response: { 'Strict-Transport-Security': sts } },
  },
  {
    id: 'V38a',
    says: 'HSTS stands on answers of protection too',
    request: secure('hsts.test', '/key'),
    expect: { status: 403, service: null, response: { 'Strict-Transport-Security': 'max-age=2592000' } },
  },
  {
    id: 'V38b',
    says: 'HSTS stands once, as configured, over what the app says',
    request: secure('hsts.test', '/x?__status=404&__header=Strict-Transport-Security:max-age=1'),
    expect: { status: 404, response: { 'Strict-Transport-Security': sts } },
  },
  {
    id: 'V40',
    says: 'another name in TLS than in Host opens no private route',
    request: { ...secure('key.test', '/'), serverName: 'tls.test' },
    expect: { status: [403, 404, 421], service: null },
  },
  {
    id: 'C32',
    says: 'without httpsRedirect plain HTTP is served as well',
    request: plain('nohttps.test', '/x'),
    expect: { status: 200, service: 'a' },
  },
  {
    id: 'C33',
    says: 'a plain route is not served over TLS',
    request: secure('h.test', '/'),
    expect: { status: 404, service: null },
  },
];
