import { getStack, runtime } from '@pulumi/pulumi';
import { runStack } from './components/pulumi/stack.ts';
import { stacks } from './stacks/stacks.ts';

/** The Pulumi entry: the stack's name picks the environment; what comes back are the stack's outputs. */
module.exports = () =>
  runStack({
    stack: getStack(),
    environments: stacks,
    config: runtime.allConfig(),
    today: new Date().toISOString().slice(0, 10),
  });
