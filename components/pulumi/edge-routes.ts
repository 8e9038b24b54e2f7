import { ComponentResource, type ComponentResourceOptions, type Input } from '@pulumi/pulumi';
import type { Transform } from '../compile/transform.ts';
import { apiVersion } from '../model/define.ts';
import type { EdgeRoutes as Routes } from '../model/schema/app.ts';
import type { EdgeEnvironment } from './edge-environment.ts';
import { registerObjects } from './objects/register.ts';

/** Routes as `defineRoutes` takes them, with hosts that may be known later. */
export interface EdgeRoutesArgs extends Omit<Routes, 'name' | 'routes'> {
  /** The environment they are served in. */
  readonly environment: EdgeEnvironment;
  /** Name of these routes, unique in the namespace. @default the name of the component */
  readonly name?: string;
  readonly routes: readonly (Omit<Routes['routes'][number], 'hosts'> & { readonly hosts?: readonly Input<string>[] })[];
  /** Changes the compiled objects of these routes; must be pure. @default none */
  readonly transform?: Transform;
}

/** Routes, and who may pass, on a Service that something else makes: a Helm release, another program, another team. */
export class EdgeRoutes extends ComponentResource {
  readonly namespace: string;

  constructor(name: string, args: EdgeRoutesArgs, options: ComponentResourceOptions = {}) {
    super('edgeplane:app:EdgeRoutes', name, {}, options);
    const { environment, transform, ...fields } = args;
    this.namespace = args.namespace ?? environment.namespace;
    const own = { name: args.name ?? name, namespace: this.namespace };
    const definition = { apiVersion, kind: 'EdgeRoutes' as const, ...fields, ...own };
    const { objects } = environment.group(definition, transform);
    registerObjects(objects, { parent: this, ...environment.rules });
    this.registerOutputs({ app: own.name, namespace: this.namespace });
  }
}
