import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { mountSecret, secretsFolder } from './mounted-secret.ts';
import { base64, type RunningGatekeeper, runGatekeeper } from './running.ts';

const [first, second] = ['first-0123456789abcdef', 'second-0123456789abcdef'];
const address = '/auth/api-key?secret=routing&key=api-key';
const ask = async (gatekeeper: RunningGatekeeper, key: string, path = address) =>
  (await gatekeeper.check(path, { 'X-ROUTING-API-KEY': base64(key) })).status;
const both = async (gatekeeper: RunningGatekeeper) => [await ask(gatekeeper, first), await ask(gatekeeper, second)];

test('a rotation keeps the previous key until its window ends, without a restart', async () => {
  await using folder = await secretsFolder();
  const start = Date.now();
  let elapsed = 0;
  const clock = { wallMs: () => start + elapsed, monotonicMs: () => elapsed };
  await mountSecret(folder.dir, 'routing', { 'api-key': first }, new Date(start));
  await using gatekeeper = await runGatekeeper(folder.dir, clock);
  expect(await both(gatekeeper)).toEqual([200, 403]);
  await mountSecret(folder.dir, 'routing', { 'api-key': second, 'api-key-previous': first }, new Date(start));
  await gatekeeper.rescan();
  expect(await both(gatekeeper)).toEqual([200, 200]);
  elapsed = 3_599_999;
  expect(await both(gatekeeper)).toEqual([200, 200]);
  elapsed = 3_600_000;
  expect(await both(gatekeeper)).toEqual([403, 200]);
  await mountSecret(folder.dir, 'routing', { 'api-key': second, 'api-key-previous': first }, new Date(start + elapsed));
  await gatekeeper.rescan();
  expect(await both(gatekeeper), 'kubelet wrote the same again').toEqual([403, 200]);
});

test('a key replaced without a previous one is revoked at once', async () => {
  await using folder = await secretsFolder();
  await mountSecret(folder.dir, 'routing', { 'api-key': first });
  await using gatekeeper = await runGatekeeper(folder.dir);
  await mountSecret(folder.dir, 'routing', { 'api-key': second });
  await gatekeeper.rescan();
  expect(await both(gatekeeper)).toEqual([403, 200]);
});

test('a file changed in place is seen too', async () => {
  await using folder = await secretsFolder();
  await mkdir(path.join(folder.dir, 'routing'));
  await writeFile(path.join(folder.dir, 'routing', 'api-key'), first);
  await using gatekeeper = await runGatekeeper(folder.dir);
  expect(await both(gatekeeper)).toEqual([200, 403]);
  await writeFile(path.join(folder.dir, 'routing', 'api-key'), second);
  await gatekeeper.rescan();
  expect(await both(gatekeeper)).toEqual([403, 200]);
});

test.each([
  ['emptied', { 'api-key': '' }],
  ['weakened', { 'api-key': 'short' }],
  ['only white space', { 'api-key': '\n'.repeat(40) }],
  ['without the key', { other: first }],
  ['left with the previous key alone', { 'api-key-previous': first }],
])('a secret that is %s gives 503, whatever the history', async (_, files) => {
  await using folder = await secretsFolder();
  await mountSecret(folder.dir, 'routing', { 'api-key': first });
  await using gatekeeper = await runGatekeeper(folder.dir);
  expect(await ask(gatekeeper, first)).toBe(200);
  await rm(path.join(folder.dir, 'routing'), { recursive: true });
  await mountSecret(folder.dir, 'routing', files);
  await gatekeeper.rescan();
  for (const key of [first, '', 'short', '\n'.repeat(40)]) expect(await ask(gatekeeper, key)).toBe(503);
  await mountSecret(folder.dir, 'routing', { 'api-key': second });
  await gatekeeper.rescan();
  expect(await both(gatekeeper)).toEqual([403, 200]);
});

test('a secret that was never mounted gives 503, and the others work', async () => {
  await using folder = await secretsFolder();
  await mountSecret(folder.dir, 'routing', { 'api-key': first });
  await mkdir(path.join(folder.dir, 'optional'));
  await using gatekeeper = await runGatekeeper(folder.dir);
  expect(await ask(gatekeeper, first, '/auth/api-key?secret=absent&key=api-key')).toBe(503);
  expect(await ask(gatekeeper, first, '/auth/api-key?secret=optional&key=api-key')).toBe(503);
  expect(await ask(gatekeeper, first)).toBe(200);
  expect((await gatekeeper.health('/readyz')).status).toBe(200);
});

test('a folder that is gone makes it unready and accepts nobody, until it is back', async () => {
  await using folder = await secretsFolder();
  const dir = path.join(folder.dir, 'secrets');
  await mountSecret(dir, 'routing', { 'api-key': first });
  await using gatekeeper = await runGatekeeper(dir);
  await rm(dir, { recursive: true });
  await gatekeeper.rescan();
  expect([await ask(gatekeeper, first), (await gatekeeper.health('/readyz')).status]).toEqual([503, 503]);
  expect((await gatekeeper.health('/healthz')).status).toBe(200);
  await mountSecret(dir, 'routing', { 'api-key': first });
  await gatekeeper.rescan();
  expect([await ask(gatekeeper, first), (await gatekeeper.health('/readyz')).status]).toEqual([200, 200]);
});

test('no check fails while kubelet swaps the volume again and again', async () => {
  await using folder = await secretsFolder();
  await mountSecret(folder.dir, 'routing', { 'api-key': first, unrelated: '0' });
  await using gatekeeper = await runGatekeeper(folder.dir);
  const seen = new Set<number>();
  for (let round = 1; round <= 40; round += 1) {
    let swapped = false;
    const swap = mountSecret(folder.dir, 'routing', { 'api-key': first, unrelated: String(round) }).then(() => {
      swapped = true;
    });
    while (!swapped) await Promise.all([gatekeeper.rescan(), gatekeeper.rescan(), gatekeeper.rescan()]);
    seen.add(await ask(gatekeeper, first));
    await swap;
  }
  expect([...seen]).toEqual([200]);
  expect(gatekeeper.lines.filter((line) => line.includes('"missing"'))).toEqual([]);
});

test('each change of a key is logged once, by its name and state', async () => {
  await using folder = await secretsFolder();
  await mountSecret(folder.dir, 'routing', { 'api-key': first });
  await using gatekeeper = await runGatekeeper(folder.dir);
  for (const files of [
    { 'api-key': second, 'api-key-previous': first },
    { 'api-key': second },
    { 'api-key': first },
    { 'api-key': 'x' },
    {},
  ]) {
    await rm(path.join(folder.dir, 'routing'), { recursive: true });
    await mountSecret(folder.dir, 'routing', files);
    await gatekeeper.rescan();
    await gatekeeper.rescan();
  }
  const events = gatekeeper.lines.map((line) => JSON.parse(line) as Record<string, string>);
  expect(events.filter(({ event }) => event === 'key').map(({ key, state }) => `${key} ${state}`)).toEqual([
    'routing:api-key usable',
    'routing:api-key rotating',
    'routing:api-key usable',
    'routing:api-key usable',
    'routing:api-key weak',
    'routing:api-key missing',
  ]);
});
