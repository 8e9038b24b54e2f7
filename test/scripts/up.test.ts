import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const script = resolve(__dirname, '../../scripts/up');
const folder = mkdtempSync(join(tmpdir(), 'up-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A machine with these programs only; `id` and `uname` answer as they are told. */
function machine(name: string, answers: { readonly uid: string; readonly system: string }, ...programs: string[]) {
  const bin = mkdtempSync(join(folder, `${name}-`));
  for (const program of ['bash', 'dirname', ...programs]) symlinkSync(`/usr/bin/${program}`, join(bin, program));
  writeFileSync(join(bin, 'id'), `#!/usr/bin/bash\necho ${answers.uid}\n`, { mode: 0o755 });
  writeFileSync(join(bin, 'uname'), `#!/usr/bin/bash\necho ${answers.system}\n`, { mode: 0o755 });
  return bin;
}

function up(bin: string) {
  const env = { PATH: bin, HOME: folder };
  const begun = performance.now();
  const { status, stderr } = spawnSync('/usr/bin/bash', [script], { env, encoding: 'utf8' });
  return { status, stderr, seconds: (performance.now() - begun) / 1000 };
}

test('what makes a cluster impossible is said at once and all together, before any package is fetched', () => {
  const ended = up(machine('user', { uid: '1000', system: 'Linux' }));
  expect(ended).toMatchObject({ status: 3 });
  expect(ended.stderr).toContain('user: found uid 1000, expected root');
  expect(ended.stderr).toContain('no go found in PATH');
  expect(ended.stderr).toContain('npm run synth');
  expect(ended.seconds).toBeLessThan(5);
});

test('another system than Linux is named', () => {
  const { status, stderr } = up(machine('mac', { uid: '0', system: 'Darwin' }));
  expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringContaining('found Darwin') });
});
