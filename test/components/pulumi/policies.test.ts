import { afterAll, beforeAll, expect, test } from 'vitest';
import { previewStack } from '../../../components/pulumi/preview.ts';
import { violation } from '../../../scripts/test-pulumi/steps.ts';
import { stacks } from '../../../stacks/stacks.ts';
import { type RunningPack, startPack } from './policy-pack.ts';
import { graphOf, platformOutputs, root, today } from './stack-runs.ts';

let pack: RunningPack;
beforeAll(async () => {
  pack = await startPack(root);
}, 60_000);
afterAll(() => pack.stop());

/** The pack reads each definition of a kind once for each policy, and has nothing to say about them. */
const judged = ({ resources }: Awaited<ReturnType<typeof graphOf>>) =>
  pack.judge(resources.filter(({ type }) => !type.endsWith(':CustomResourceDefinition')));

test.each(['local', 'local-apps', 'production', 'production-apps'])(
  'the pack, loaded as the engine does, finds nothing mandatory in %s',
  async (stack) => {
    const found = (await judged(await graphOf(stack))).filter(({ mandatory }) => mandatory);
    expect(found.map(({ policy, message }) => `${policy}: ${message}`)).toEqual([]);
  },
);

test('the violation of `npm run test:pulumi` is mandatory', async () => {
  const config = { 'edgeplane:overlays': JSON.stringify(violation) };
  const run = { stack: 'local-apps', environments: stacks, config, today };
  const graph = await previewStack(run, { preview: true, platform: platformOutputs('traefik') });
  const found = (await judged(graph)).filter(({ mandatory }) => mandatory);
  expect(found.map(({ policy }) => policy)).toContain('secret-in-env');
});
