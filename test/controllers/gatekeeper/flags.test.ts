import { expect, test } from 'vitest';
import { parseFlags } from '../../../controllers/gatekeeper/flags.ts';

test('without flags the defaults hold', () => {
  expect(parseFlags([])).toEqual({
    ok: true,
    flags: {
      address: null,
      port: 8080,
      healthPort: 8081,
      secretsDir: '/etc/edgeplane/secrets',
      previousWindowMs: 86_400_000,
      drainMs: 5_000,
    },
  });
});

test('every flag is read, with = or as the next argument', () => {
  const args = ['--address=127.0.0.1', '--port', '0', '--health-port=9', '--secrets-dir=/s', '--previous-window=0s'];
  expect(parseFlags([...args, '--drain', '250ms'])).toEqual({
    ok: true,
    flags: { address: '127.0.0.1', port: 0, healthPort: 9, secretsDir: '/s', previousWindowMs: 0, drainMs: 250 },
  });
});

test('every mistake is told at once', () => {
  const args = [
    '--port=70000',
    '--health-port=x',
    '--drain=soon',
    '--previous-window=9999h',
    '--colour=red',
    '--port=1',
  ];
  const result = parseFlags(args);
  expect(result.ok ? [] : result.problems.map((problem) => problem.split(',')[0])).toEqual([
    '--colour: unknown flag',
    '--port: found twice',
    '--port: found 70000',
    '--health-port: found x',
    '--previous-window: found 9999h',
    '--drain: found soon',
  ]);
});

test('a flag without its value is a mistake, and takes no other flag for it', () => {
  const result = parseFlags(['--drain=', '--secrets-dir', '--port=1', '--port']);
  expect(result).toEqual({
    ok: false,
    problems: [
      '--drain: found no value, expected --drain=<value>',
      '--secrets-dir: found no value, expected --secrets-dir=<value>',
      '--port: found no value, expected --port=<value>',
    ],
  });
});

test('a secret given as an argument by mistake is not repeated', () => {
  const result = parseFlags(['--api-key=canary-0123456789', 'canary-0123456789']);
  expect(result.ok).toBe(false);
  expect(JSON.stringify(result)).not.toContain('canary');
});
