import { CustomResource, type Output } from '@pulumi/pulumi';

/** A resource whose one output is known when it is there. */
export class Probe extends CustomResource {
  declare readonly value: Output<string>;

  constructor(name: string) {
    super('test:index:Probe', name, { value: undefined });
  }
}
