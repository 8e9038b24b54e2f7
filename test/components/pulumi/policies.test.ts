import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningPack, startPack } from './policy-pack.ts';
import { environments, graphOf, root, stacksOf } from './stack-runs.ts';

let pack: RunningPack;
beforeAll(async () => {
  pack = await startPack(root);
}, 60_000);
afterAll(() => pack.stop());

test.each(environments)(
  'the pack, loaded as the engine does, finds nothing mandatory in any stack of %s',
  async (environment) => {
    for (const stack of await stacksOf(environment)) {
      const { resources } = await graphOf(stack);
      const found = (await pack.judge(resources)).filter(({ mandatory }) => mandatory);
      expect(found.map(({ policy, message }) => `${stack} ${policy}: ${message}`)).toEqual([]);
    }
  },
);
