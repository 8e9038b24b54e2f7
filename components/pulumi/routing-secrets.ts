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

/** A SecretStore of External Secrets that holds the values. */
export interface SecretStore {
  readonly name: string;
  readonly kind: 'SecretStore' | 'ClusterSecretStore';
  /** Stands before `<namespace>/<secret>` in the names of the store. */
  readonly prefix: string;
}

export interface RoutingSecretsArgs {
  readonly wanted: readonly WantedSecret[];
  /** Rotations so far: one more makes new values, and those that were current stay accepted as previous. */
  readonly generation: number;
  /** Where the values are; null: they are made here. */
  readonly store: SecretStore | null;
  /** What objects in a namespace come after. */
  readonly before: (namespace: string) => readonly Input<Resource>[];
}

/**
 * The Secrets by which callers and edge know each other. Values are random, secret in state, and never in text; with a
 * store, they are the store's and only fetched.
 */
export class RoutingSecrets extends ComponentResource {
  /** The current values by `namespace/secret:key`; empty with a store. Secret. */
  readonly values: Output<Readonly<Record<string, string>>>;

  constructor(name: string, args: RoutingSecretsArgs, options: ComponentResourceOptions = {}) {
    super('edgeplane:secrets:RoutingSecrets', name, {}, options);
    const current: Record<string, Output<string>> = {};
    for (const wanted of args.wanted) {
      const object = args.store === null ? this.made(wanted, args.generation, current) : external(wanted, args.store);
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

/** Fetches all that the store has under the name: the key, `<key>-previous` and `<key>-previous-until`. */
function external({ namespace, name, type }: WantedSecret, store: SecretStore): KubeObject {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name, namespace, labels: { 'app.kubernetes.io/managed-by': 'edgeplane' } },
    spec: {
      refreshInterval: '1m',
      secretStoreRef: { name: store.name, kind: store.kind },
      target: { name, creationPolicy: 'Owner', template: { type } },
      dataFrom: [{ extract: { key: `${store.prefix}${namespace}/${name}` } }],
    },
  };
}
