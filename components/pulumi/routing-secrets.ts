import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  type Output,
  output,
  type Resource,
  secret,
} from '@pulumi/pulumi';
import { RandomPassword } from '@pulumi/random';
import type { KubeObject } from '../compile/output.ts';
import type { WantedSecret } from '../compile/wanted-secrets.ts';
import { registerObjects } from './objects/register.ts';

export interface RoutingSecretsArgs {
  readonly wanted: readonly WantedSecret[];
  /** Rotations so far: one more makes new values, and those that were current stay accepted as previous. */
  readonly generation: number;
  /** What objects in a namespace come after. */
  readonly before: (namespace: string) => readonly Input<Resource>[];
}

/** The Secrets by which callers and edge know each other. Values are random, secret in state, and never in text. */
export class RoutingSecrets extends ComponentResource {
  /** The current values by `namespace/secret:key`. Secret. */
  readonly values: Output<Readonly<Record<string, string>>>;

  constructor(name: string, args: RoutingSecretsArgs, options: ComponentResourceOptions = {}) {
    super('edgeplane:secrets:RoutingSecrets', name, {}, options);
    const current: Record<string, Output<string>> = {};
    for (const wanted of args.wanted) {
      const object = this.made(wanted, args.generation, current);
      const dependsOn = args.before(wanted.namespace);
      registerObjects([object], { parent: this, balanced: false, protectData: false, dependsOn });
    }
    this.values = secret(output(current));
    this.registerOutputs({});
  }

  /** One password a generation: that of the last one stays until the next rotation, so nobody is cut off. */
  private made(wanted: WantedSecret, generation: number, current: Record<string, Output<string>>): KubeObject {
    const entries = wanted.keys.flatMap((key): [string, Output<string>][] => {
      if (key === 'username') return [[key, output('edgeplane')]];
      const id = `${wanted.namespace}/${wanted.name}:${key}`;
      const value = this.password(id, generation);
      current[id] = value;
      return [[key, value], ...this.previous(id, key, generation)];
    });
    const data = Object.fromEntries(entries.map(([key, value]) => [key, value.apply(base64)]));
    const { namespace, type } = wanted;
    return {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: wanted.name, namespace, labels: { 'app.kubernetes.io/managed-by': 'edgeplane' } },
      type,
      data,
    };
  }

  private previous(id: string, key: string, generation: number): [string, Output<string>][] {
    return generation === 0 ? [] : [[`${key}-previous`, this.password(id, generation - 1)]];
  }

  /** Letters and digits only: the value fits a header as it is. 40 of them hold 238 bits. */
  private password(id: string, generation: number): Output<string> {
    return new RandomPassword(`${id}#${generation}`, { length: 40, special: false }, { parent: this }).result;
  }
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
