import { expect, test } from 'vitest';
import { mountSecret, secretsFolder } from './mounted-secret.ts';
import { base64, runGatekeeper } from './running.ts';

const canaries = {
  current: 'canary-current-7Qx2vLr9',
  previous: 'canary-previous-4Tn8kWb1',
  weak: 'canary-weak',
  sent: 'canary-sent-by-a-caller',
};
/** Every form in which a secret could be written down. */
const forms = Object.values(canaries).flatMap((text) => [
  text,
  base64(text),
  Buffer.from(text).toString('hex'),
  encodeURIComponent(base64(text)),
]);
const found = (text: string) => forms.filter((form) => text.toLowerCase().includes(form.toLowerCase()));

test('the search finds a canary that is there', () => {
  expect(found(`x ${base64(canaries.current)} y`)).toEqual([base64(canaries.current)]);
});

test('no key, held or sent, is in any answer, log line or metric', async () => {
  await using folder = await secretsFolder();
  await mountSecret(folder.dir, 'routing', {
    'api-key': canaries.current,
    'api-key-previous': canaries.previous,
    weak: canaries.weak,
  });
  await using gatekeeper = await runGatekeeper(folder.dir);
  const written: string[] = [];
  for (const kind of ['api-key', 'bearer']) {
    for (const key of ['api-key', 'weak', 'absent', canaries.sent]) {
      for (const canary of Object.values(canaries)) {
        for (const value of [canary, base64(canary), `${canary}, ${canary}`, `${canary} ${canary}`]) {
          const headers = { 'X-ROUTING-API-KEY': value, Authorization: `Bearer ${value}`, Cookie: value };
          const answer = await gatekeeper.check(`/auth/${kind}?secret=routing&key=${key}`, headers);
          // An accepted caller gets the name of the key it was checked with, and that was in the address.
          written.push(JSON.stringify([...answer.headers]), await answer.text());
        }
      }
    }
  }
  const long = `X-ROUTING-API-KEY: ${base64(canaries.current)}\r\nCookie: ${'x'.repeat(9_000)}`;
  for (const head of [
    canaries.sent,
    `GET /${canaries.sent} HTTP/1.1\r\nHost: a`,
    `GET / HTTP/1.1\r\nHost: a\r\n${long}`,
  ]) {
    written.push(await gatekeeper.raw(`${head}\r\nConnection: close\r\n\r\n`));
  }
  await mountSecret(folder.dir, 'routing', { 'api-key': canaries.weak });
  await gatekeeper.rescan();
  for (const path of ['/metrics', '/readyz', '/healthz', `/${canaries.current}`]) {
    written.push(await (await gatekeeper.health(path)).text());
  }
  await gatekeeper.drain();
  expect(found([...written, ...gatekeeper.lines].join('\n'))).toEqual([]);
  expect(gatekeeper.lines.length).toBeGreaterThan(3);
});

test('no request adds a series to the metrics, nor a line to the log', async () => {
  await using folder = await secretsFolder();
  await mountSecret(folder.dir, 'routing', { 'api-key': canaries.current });
  await using gatekeeper = await runGatekeeper(folder.dir);
  const lines = gatekeeper.lines.length;
  for (let index = 0; index < 200; index += 1) {
    await gatekeeper.check(`/auth/api-key?secret=s${index}&key=k${index}`, { 'X-ROUTING-API-KEY': `${index}` });
    await gatekeeper.check(`/path${index}`);
  }
  const metrics = await (await gatekeeper.health('/metrics')).text();
  expect(metrics).toContain('edgeplane_gatekeeper_checks_total{scheme="apiKey",outcome="unavailable"} 200\n');
  expect(metrics).toContain('edgeplane_gatekeeper_refused_total{reason="notFound"} 200\n');
  expect(metrics).toContain('edgeplane_gatekeeper_check_duration_seconds_count 200\n');
  expect(metrics).toContain('edgeplane_gatekeeper_check_duration_seconds_bucket{le="+Inf"} 200\n');
  expect(metrics.match(/^edgeplane_gatekeeper_(checks|refused)_total/gm)).toHaveLength(2);
  expect(gatekeeper.lines.length).toBe(lines);
});

test('every metric is counted where it belongs', async () => {
  await using folder = await secretsFolder();
  await mountSecret(folder.dir, 'routing', {
    'api-key': canaries.current,
    'api-key-previous': canaries.previous,
    weak: 'x',
  });
  await using gatekeeper = await runGatekeeper(folder.dir);
  const bearer = '/auth/bearer?secret=routing&key=api-key';
  for (const text of [`Bearer ${canaries.current}`, `Bearer ${canaries.previous}`, 'Bearer x', 'Bearer', 'Basic x']) {
    await gatekeeper.check(bearer, { Authorization: text });
  }
  await gatekeeper.raw('nonsense\r\n\r\n');
  const metrics = await (await gatekeeper.health('/metrics')).text();
  for (const outcome of ['accepted', 'acceptedPrevious', 'wrong', 'malformed', 'missing']) {
    expect(metrics).toContain(`edgeplane_gatekeeper_checks_total{scheme="bearer",outcome="${outcome}"} 1\n`);
  }
  expect(metrics).toContain('edgeplane_gatekeeper_refused_total{reason="badMessage"} 1\n');
  expect(metrics).toContain('edgeplane_gatekeeper_keys{state="rotating"} 1\n');
  expect(metrics).toContain('edgeplane_gatekeeper_keys{state="faulty"} 1\n');
});
