import type { Command } from 'commander';
import { objectsOf } from '../../components/compile/groups.ts';
import { toYaml } from '../../components/compile/to-yaml.ts';
import { refuse } from '../findings.ts';
import { compileInput, inputOptions } from '../input.ts';
import { addVerb, type Verb } from '../verb.ts';

/** Objects as YAML on standard output, in the order they are applied; nothing at all while a problem stands. */
export const verb: Verb = {
  operands: [],
  options: inputOptions,
  examples: [
    'edgeplane render --stack production > production.yaml',
    'edgeplane render -f shop.yaml | kubectl apply -f -',
  ],
  run: async (_operands, flags, io) => {
    const { of, outcome } = await compileInput(flags, io);
    if (!outcome.ok) return refuse(of, outcome, io);
    io.out(toYaml(objectsOf(outcome.groups)));
    return 0;
  },
};

export function define(command: Command): Command {
  return addVerb(command, verb);
}
