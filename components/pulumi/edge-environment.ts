import type { Input } from '@pulumi/pulumi';
import type { ObjectGroup } from '../compile/output.ts';
import type { Plan } from '../compile/plan.ts';
import type { Transform } from '../compile/transform.ts';
import type { Environment } from '../model/schema/environment.ts';
import { type Compilation, compileSource } from './inputs/compilation.ts';
import type { ResourceRules } from './objects/resource-plan.ts';

/** A definition whose leaves may be Outputs: what `defineApp` and `defineRoutes` give is one. Its form is checked later. */
export interface DefinitionInput {
  readonly kind: 'App' | 'EdgeRoutes';
  readonly name: string;
  readonly namespace?: string | undefined;
}

export interface EdgeEnvironmentArgs {
  /** Where the apps run. Its `exposure.loadBalancer.address` may be an Output. */
  readonly environment: Environment | EnvironmentInput;
  /**
   * The definitions of this environment, those of other programs too: a conflict of routes or a reference to an app is
   * only seen over all of them. @default those added by `EdgeApp` and `EdgeRoutes`
   */
  readonly definitions?: readonly DefinitionInput[];
  /** The day expiries are judged by, YYYY-MM-DD. @default today, by UTC */
  readonly today?: string;
}

/** An environment whose load balancer's address is made by the same program. */
export type EnvironmentInput = Omit<Environment, 'exposure'> & {
  readonly exposure: {
    readonly loadBalancer: Omit<
      Extract<Environment['exposure'], { loadBalancer: unknown }>['loadBalancer'],
      'address'
    > & { readonly address: Input<string> };
  };
};

/** What is compiled together. Not a resource: it only knows what its `EdgeApp`s, `EdgeRoutes` and `EdgePlatform` share. */
export class EdgeEnvironment {
  readonly #environment: Environment | EnvironmentInput;
  readonly #today: string;
  readonly #definitions: DefinitionInput[];
  readonly #transforms = new Map<string, Transform>();
  #compilation: Compilation | undefined;

  constructor({ environment, definitions = [], today = new Date().toISOString().slice(0, 10) }: EdgeEnvironmentArgs) {
    this.#environment = environment;
    this.#definitions = [...definitions];
    this.#today = environment.today ?? today;
  }

  /** Name of the namespace of apps that name none. */
  get namespace(): string {
    return this.#environment.namespace;
  }

  /** What awaits and protection depend on, and the leaves that are known later. */
  get rules(): ResourceRules & Pick<Compilation, 'later'> {
    const { plan, later } = this.#compiled();
    const { environment } = plan;
    const balanced = environment.exposure.kind === 'loadBalancer' && environment.kind !== 'metal';
    return { balanced, protectData: environment.production, later };
  }

  /** The resolved environment. @throws RunError with all problems. */
  get plan(): Plan {
    return this.#compiled().plan;
  }

  /** CRDs, then the platform, then the gatekeepers. @throws RunError with all problems. */
  get platform(): readonly ObjectGroup[] {
    return this.#compiled().groups.filter(({ kind }) => kind !== 'app');
  }

  /** Objects of one app. Compiles again when the definition is not yet among those known. */
  group(definition: DefinitionInput, transform?: Transform): ObjectGroup {
    const name = `${definition.namespace ?? this.namespace}/${definition.name}`;
    if (!this.#definitions.includes(definition) || transform !== this.#transforms.get(name)) {
      if (!this.#definitions.includes(definition)) this.#definitions.push(definition);
      if (transform !== undefined) this.#transforms.set(name, transform);
      this.#compilation = undefined;
    }
    const group = this.#compiled().groups.find((one) => one.kind === 'app' && one.name === name);
    return group ?? { kind: 'app', name, objects: [] };
  }

  #compiled(): Compilation {
    this.#compilation ??= compileSource({
      environment: this.#environment,
      definitions: this.#definitions,
      today: this.#today,
      transforms: this.#transforms,
    });
    return this.#compilation;
  }
}
