import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runAsPulumi } from './fake-engine.ts';

const root = join(__dirname, '../../..');

test('the program runs as the language host starts it and exports the outputs of the platform', async () => {
  const run = await runAsPulumi({
    root,
    stack: 'local',
    config: { 'edgeplane:cluster': '{"existing":{"context":"edgeplane-local"}}' },
    stacks: {},
  });
  console.log(
    run.exitCode,
    run.stderr,
    run.logs,
    run.resources.length,
    [...run.outputs].filter(([u]) => u.includes('Stack')),
  );
  expect(run).toMatchObject({ exitCode: 0 });
});
