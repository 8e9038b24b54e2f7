import { type ComponentResource, type Input, type Inputs, mergeOptions, type Resource } from '@pulumi/pulumi';
import type { KubeObject } from '../../compile/output.ts';
import type { LaterLeaf } from '../inputs/compilation.ts';
import { withValues } from '../inputs/input-places.ts';
import { hasPods, type ResourceRules, resourcePlans } from './resource-plan.ts';
import { classOf, type KubeResource } from './typed.ts';

export interface Registration extends ResourceRules {
  readonly parent: ComponentResource;
  /** Leaves whose values are known only later, by object. @default none */
  readonly later?: ReadonlyMap<KubeObject, readonly LaterLeaf[]>;
  /** What all of them come after, besides each other. @default nothing */
  readonly dependsOn?: readonly Input<Resource>[];
  /** What those with pods come after. @default nothing */
  readonly beforePods?: readonly Input<Resource>[];
}

/** Registers compiled objects as typed resources below a component, named as the compiler named the objects. */
export function registerObjects(
  objects: readonly KubeObject[],
  { parent, dependsOn = [], beforePods = [], later = new Map(), ...rules }: Registration,
): readonly KubeResource[] {
  const made: KubeResource[] = [];
  const plans = resourcePlans(objects, rules);
  const place = (index: number): KubeResource | undefined => {
    const plan = plans[index];
    if (plan === undefined || made[index] !== undefined) return made[index];
    const first = plan.after.flatMap((other) => place(other) ?? []);
    const Kind = classOf(plan.object.apiVersion, plan.object.kind);
    const { protect, retainOnDelete, ignoreChanges } = plan;
    const options = mergeOptions(
      { parent, dependsOn: [...dependsOn, ...(hasPods(plan.object) ? beforePods : []), ...first] },
      {
        ...(protect ? { protect } : {}),
        ...(retainOnDelete ? { retainOnDelete } : {}),
        ...(ignoreChanges.length === 0 ? {} : { ignoreChanges: [...ignoreChanges] }),
      },
    );
    const args = withValues(plan.object, later.get(objects[index] as KubeObject) ?? []) as Inputs;
    const resource = new Kind(plan.name, { ...args }, options);
    made[index] = resource;
    return resource;
  };
  for (const index of plans.keys()) place(index);
  return made;
}
