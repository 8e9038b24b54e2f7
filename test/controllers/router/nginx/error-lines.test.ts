import { expect, test } from 'vitest';
import { byLine, readErrorLine } from '../../../../controllers/router/nginx/error-lines.ts';

const line =
  '2026/11/21 14:46:53 [error] 12#12: *3 upstream timed out, client: 10.1.1.1, server: a.test, request: "GET /a?token=secret HTTP/1.1", ' +
  'upstream: "http://10.0.0.1:80/a?token=secret", host: "a.test", referrer: "https://b.test/?session=secret"';

test('a line keeps what an operator needs, and no query or referrer', () => {
  const { level, message } = readErrorLine(line);
  expect(level).toBe('error');
  expect(message).toContain('upstream timed out, client: 10.1.1.1');
  expect(message).toContain('GET /a?… HTTP/1.1');
  expect(message).not.toContain('secret');
});

test('a line of another shape is an error as it stands', () => {
  expect(readErrorLine('nginx: [emerg] bind() failed')).toEqual({
    level: 'error',
    message: 'nginx: [emerg] bind() failed',
  });
});

test('lines are put together from pieces, and cut when they have no end', () => {
  const lines: string[] = [];
  const add = byLine((one) => lines.push(one), 10);
  for (const piece of ['a', 'b\nc', '\n', '', 'x'.repeat(30), '\n']) add(piece);
  expect(lines).toEqual(['ab', 'c', 'x'.repeat(10)]);
});
