import { expect, test } from 'vitest';
import type { RedirectQuestion } from '../../../../components/dialects/edge-sidecar.ts';
import { redirectReply } from '../../../../controllers/gatekeeper/sidecar/redirect.ts';
import { readOriginal } from '../../../../controllers/gatekeeper/sidecar/reply.ts';

const parts = { to: null, scheme: null, host: null, path: null, port: null, reference: 'absolute' } as const;
const original = { scheme: 'http', host: 'shop.test:8080', target: '/a/b?q=1' } as const;

function location(changes: Partial<RedirectQuestion>): string {
  const { status, headers } = redirectReply({ kind: 'redirect', status: 308, ...parts, ...changes }, original);
  expect(status).toBe(changes.status ?? 308);
  return headers[headers.indexOf('Location') + 1] ?? '';
}

test.each([
  ['https drops the port of plain HTTP', { scheme: 'https' }, 'https://shop.test/a/b?q=1'],
  ['and takes the one that is named', { scheme: 'https', port: 8443 }, 'https://shop.test:8443/a/b?q=1'],
  ['another host has no port', { host: 'new.test', status: 301 }, 'http://new.test/a/b?q=1'],
  ['another path keeps port and query', { path: '/c', status: 302 }, 'http://shop.test:8080/c?q=1'],
  ['a whole URL is the whole answer', { to: 'https://new.test/x', status: 307 }, 'https://new.test/x'],
  ['relative: a path stays a path', { path: '/c', reference: 'relative' }, '/c?q=1'],
  [
    'relative: a host keeps the scheme the client spoke',
    { host: 'new.test', reference: 'relative' },
    '//new.test/a/b?q=1',
  ],
  [
    'relative: a scheme that is named is named',
    { scheme: 'https', reference: 'relative' },
    'https://shop.test/a/b?q=1',
  ],
] as const)('%s', (_, changes, expected) => {
  expect(location(changes)).toBe(expected);
});

test('a request without query gets none', () => {
  const { headers } = redirectReply(
    { kind: 'redirect', status: 308, ...parts, path: '/c' },
    { ...original, target: '/' },
  );
  expect(headers).toContain('http://shop.test:8080/c');
});

const told = (host: unknown, uri: unknown = '/', proto: unknown = 'http') =>
  readOriginal({ 'x-forwarded-host': host, 'x-forwarded-uri': uri, 'x-forwarded-proto': proto } as never);

test.each(['shop.test', 'shop.test:80', 'SHOP.test.', '[::1]:80', '10.0.0.1'])('%s is a host', (host) => {
  expect(told(host)).toEqual({ scheme: 'http', host, target: '/' });
});

test.each(['', 'a/b', 'a@b', 'a?b', 'a#b', 'a b', 'a\\b', 'a:b', 'a:123456', '[::1', undefined, ['a', 'b']])(
  '%s is no host: nobody is sent anywhere',
  (host) => {
    expect(told(host)).toBeNull();
  },
);

test.each([['http://a.test/'], ['x'], [null]])('%s is no target', (uri) => {
  expect(told('a.test', uri)).toBeNull();
});

test('a scheme that the edge does not speak is refused', () => {
  expect(told('a.test', '/', 'javascript')).toBeNull();
});
