import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSidecarUrl, type SidecarQuestion, sidecarUrl } from '../../../components/dialects/edge-sidecar.ts';

const text = fc.string({ unit: 'grapheme' });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const redirect = fc.record({
  kind: fc.constant('redirect' as const),
  status: fc.constantFrom(301, 302, 307, 308),
  to: maybe(text),
  scheme: maybe(fc.constantFrom('http', 'https')),
  host: maybe(text),
  path: maybe(text),
  port: maybe(fc.integer({ min: 1, max: 65_535 })),
  reference: fc.constantFrom('absolute', 'relative'),
}) as fc.Arbitrary<SidecarQuestion>;
const auth = fc.record({
  kind: fc.constant('auth' as const),
  url: text.map((rest) => `http://auth.apps.svc/${rest}`),
  timeoutMs: fc.integer({ min: 1, max: 60_000 }),
  responseHeaders: fc.array(text),
  signIn: maybe(text),
}) as fc.Arbitrary<SidecarQuestion>;

test('a question comes back from its URL, and from the target that Traefik asks for', () => {
  fc.assert(
    fc.property(fc.oneof(redirect, auth), (question) => {
      const url = sidecarUrl(question);
      expect(readSidecarUrl(url)).toEqual(question);
      expect(readSidecarUrl(url.slice('http://127.0.0.1:8082'.length))).toEqual(question);
    }),
  );
});

test('whatever an author writes stays inside its parameter', () => {
  const url = sidecarUrl({ ...question, url: 'http://auth/&timeout=9&header=Host#x' });
  expect(readSidecarUrl(url)).toMatchObject({ timeoutMs: 100, responseHeaders: ['X-User'] });
});

const question = {
  kind: 'auth',
  url: 'http://auth/',
  timeoutMs: 100,
  responseHeaders: ['X-User'],
  signIn: null,
} as const;

test.each([
  'http://auth.apps.svc/auth?url=http://a&timeout=1',
  'http://127.0.0.1:80822/auth?url=http://a&timeout=1',
  '/other',
  '/auth?url=file:///etc/passwd&timeout=1',
  '/auth?url=http://a&timeout=0',
  '/auth?timeout=1',
  '/redirect?status=200&to=https://a',
  '/redirect',
])('%s is no question', (url) => {
  expect(readSidecarUrl(url)).toBeNull();
});
