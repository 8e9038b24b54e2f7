import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mountSecret, secretsFolder } from './mounted-secret.ts';
import { base64, runGatekeeper } from './running.ts';

const secret = 'current-0123456789abcdef';
const right = base64(secret);
const known = new Set(['400', '401', '403', '404', '408', '431', '503']);

const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array).toString('latin1'));
const visible = fc.stringMatching(/^[ -~]{0,60}$/);
const near = fc.constantFrom(
  secret,
  `${right}=`,
  right.slice(0, -1),
  ` ${right} x`,
  `${right},${right}`,
  `${right}\t${right}`,
  `"${right}"`,
  right.toUpperCase(),
  `Bearer ${right}`,
  `Bearer ${secret}x`,
  `Bearer ${secret} `.repeat(2),
  `Basic ${right}`,
  `Bearer\t${secret}`,
  'Bearer',
  `Bearer ${secret}\0`,
);
const name = fc.oneof(
  fc.constantFrom('X-ROUTING-API-KEY', 'x-routing-api-key', 'Authorization', 'AUTHORIZATION', 'X_ROUTING_API_KEY'),
  fc.constantFrom('X-ROUTING-API-KEY ', ' X-ROUTING-API-KEY', 'Content-Length', 'Transfer-Encoding', 'Expect', 'Host'),
  bytes,
);
const value = fc.oneof(near, visible, bytes, fc.constantFrom('0', '-1', 'chunked', '100-continue'));
const header = fc.tuple(name, value).map(([left, text]) => `${left}: ${text}`);
const path = fc.oneof(
  fc.constantFrom('/auth/api-key', '/auth/bearer').map((start) => `${start}?secret=routing&key=api-key`),
  fc.constantFrom('/auth/api-key?secret=routing', '/auth/bearer?key=api-key', '/', '*', '/auth/../auth/bearer'),
  fc.webPath().map((text) => (text === '' ? '/' : text)),
  bytes,
);
const method = fc.constantFrom('GET', 'POST', 'HEAD', 'OPTIONS', 'PROPFIND', 'CONNECT', 'get', 'X');
const end = fc.constantFrom('\r\n', '\n', '\r');

/** True if what was sent holds the right key in a way that may pass. */
const mayPass = (head: string) =>
  head.includes('/auth/api-key?secret=routing&key=api-key')
    ? new RegExp(`^x-routing-api-key:[ \\t]*${right}[ \\t]*\\r?$`, 'im').test(head)
    : new RegExp(`^authorization:[ \\t]*bearer +${secret}[ \\t]*\\r?$`, 'im').test(head);

test('no header makes it crash, pass without the right key, or answer with an unknown status', async () => {
  await using folder = await secretsFolder();
  await mountSecret(folder.dir, 'routing', { 'api-key': secret });
  await using gatekeeper = await runGatekeeper(folder.dir);
  const seen = new Map<string, number>();
  const heads = fc.tuple(method, path, fc.array(header, { maxLength: 8 }), end);
  const property = fc.asyncProperty(heads, async ([verb, target, headers, lineEnd]) => {
    const lines = [`${verb} ${target} HTTP/1.1`, 'Host: gatekeeper', ...headers, 'Connection: close', '', ''];
    const head = lines.join(lineEnd);
    // What never ends a request head would wait for the time limit; a lone end of another kind ends or breaks it.
    const answer = await gatekeeper.raw(Buffer.from(`${head}\r\n\r\n`, 'latin1'));
    const statuses = [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((match) => match[1] ?? '');
    for (const status of statuses) seen.set(status, (seen.get(status) ?? 0) + 1);
    expect(statuses.length).toBeGreaterThan(0);
    for (const status of statuses) expect(known.has(status) || (status === '200' && mayPass(head)), head).toBe(true);
  });
  await fc.assert(property, { numRuns: 2_000 });
  expect(
    (await gatekeeper.check('/auth/api-key?secret=routing&key=api-key', { 'X-ROUTING-API-KEY': right })).status,
  ).toBe(200);
  expect((await gatekeeper.health('/metrics').then((answer) => answer.text())).includes('reason="fault"')).toBe(false);
  expect([...seen.keys()].toSorted()).toEqual(expect.arrayContaining(['400', '401', '403', '404', '503']));
});

test('whatever single header value is sent, it passes if and only if it is the key', async () => {
  await using folder = await secretsFolder();
  await mountSecret(folder.dir, 'routing', { 'api-key': secret });
  await using gatekeeper = await runGatekeeper(folder.dir);
  const property = fc.asyncProperty(
    fc.oneof(near, visible, fc.constantFrom(right, `Bearer ${secret}`)),
    async (text) => {
      const headers = text.includes('\0') ? {} : { 'X-ROUTING-API-KEY': text, Authorization: text };
      const key = await gatekeeper.check('/auth/api-key?secret=routing&key=api-key', headers);
      const token = await gatekeeper.check('/auth/bearer?secret=routing&key=api-key', headers);
      expect([key.status === 200, token.status === 200]).toEqual([
        text.trim() === right,
        text.trim() === `Bearer ${secret}`,
      ]);
    },
  );
  await fc.assert(property, { numRuns: 500 });
});
