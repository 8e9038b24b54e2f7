import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  type Output,
  type Resource,
} from '@pulumi/pulumi';
import type { EdgeEnvironment } from './edge-environment.ts';
import { registerObjects } from './objects/register.ts';
import type { KubeResource } from './objects/typed.ts';
import { RoutingSecrets, type RoutingSecretsArgs } from './routing-secrets.ts';

export interface EdgePlatformArgs {
  readonly environment: EdgeEnvironment;
  /** Secrets that are made with it; pods of the platform, which mount them, come after. @default none */
  readonly secrets?: Pick<RoutingSecretsArgs, 'wanted' | 'generation'>;
}

/**
 * What the apps of an environment share: definitions of kinds, namespaces, the edge of whatever dialect with its rights,
 * and the gatekeepers. Kept apart from the apps, so that destroying one of them takes nothing of this away.
 */
export class EdgePlatform extends ComponentResource {
  private readonly namespaces: ReadonlyMap<string, KubeResource>;

  /** The current routing keys by `namespace/secret:key`. Secret. */
  readonly routingKeys: Output<Readonly<Record<string, string>>>;

  constructor(name: string, args: EdgePlatformArgs, options: ComponentResourceOptions = {}) {
    super('edgeplane:edge:EdgePlatform', name, {}, options);
    const { environment, secrets: { wanted, generation } = { wanted: [], generation: 0 } } = args;
    const objects = environment.platform.flatMap((group) => group.objects);
    // Secrets come after namespaces and before pods: whoever waits for pods may keep what they mount from being made.
    let tellSecrets: (secrets: Resource) => void = () => undefined;
    const secretsMade = new Promise<Resource>((resolve) => {
      tellSecrets = resolve;
    });
    const made = registerObjects(objects, { parent: this, ...environment.rules, beforePods: [secretsMade] });
    this.namespaces = new Map(
      objects.flatMap(({ kind, metadata }, index) => {
        const resource = made[index];
        return kind === 'Namespace' && resource !== undefined ? [[metadata.name, resource]] : [];
      }),
    );
    const before = (namespace: string) => this.before(namespace);
    const secrets = new RoutingSecrets(name, { wanted, generation, before }, { parent: this });
    tellSecrets(secrets);
    this.routingKeys = secrets.values;
    this.registerOutputs({ edge: environment.plan.environment.edge });
  }

  /** What an object in a namespace must come after; nothing where the namespace is someone else's. */
  private before(namespace: string): readonly Input<Resource>[] {
    const found = this.namespaces.get(namespace);
    return found === undefined ? [] : [found];
  }
}
