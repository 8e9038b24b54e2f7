import { ComponentResource, type ComponentResourceOptions, type Input, type Resource } from '@pulumi/pulumi';
import type { EdgeEnvironment } from './edge-environment.ts';
import { registerObjects } from './objects/register.ts';
import type { KubeResource } from './objects/typed.ts';

export interface EdgePlatformArgs {
  readonly environment: EdgeEnvironment;
}

/**
 * What the apps of an environment share: definitions of kinds, namespaces, the edge of whatever dialect with its rights,
 * and the gatekeepers. Kept apart from the apps, so that destroying one of them takes nothing of this away.
 */
export class EdgePlatform extends ComponentResource {
  /** Namespaces it makes, by name: what else is put into them comes after. */
  readonly namespaces: ReadonlyMap<string, KubeResource>;

  constructor(name: string, { environment }: EdgePlatformArgs, options: ComponentResourceOptions = {}) {
    super('edgeplane:edge:EdgePlatform', name, {}, options);
    const objects = environment.platform.flatMap((group) => group.objects);
    const made = registerObjects(objects, { parent: this, ...environment.rules });
    this.namespaces = new Map(
      objects.flatMap(({ kind, metadata }, index) => {
        const resource = made[index];
        return kind === 'Namespace' && resource !== undefined ? [[metadata.name, resource]] : [];
      }),
    );
    this.registerOutputs({ edge: environment.plan.environment.edge });
  }

  /** What an object in a namespace must come after; nothing where the namespace is someone else's. */
  before(namespace: string): readonly Input<Resource>[] {
    const found = this.namespaces.get(namespace);
    return found === undefined ? [] : [found];
  }
}
