import { ComponentResource, type ComponentResourceOptions, type Input } from '@pulumi/pulumi';
import type { Transform } from '../compile/transform.ts';
import { apiVersion } from '../model/define.ts';
import type { App } from '../model/schema/app.ts';
import type { DefinitionInput, EdgeEnvironment } from './edge-environment.ts';
import { registerObjects } from './objects/register.ts';

type Env = NonNullable<App['env']>;
type Route = NonNullable<App['routes']>[number];

/** An app as `defineApp` takes it, with Inputs where its leaves may be known later. */
export interface EdgeAppArgs extends Omit<App, 'name' | 'image' | 'env' | 'routes'> {
  /** The environment it runs in. */
  readonly environment: EdgeEnvironment;
  /** Name of the app. @default the name of the component */
  readonly name?: string;
  readonly image: Input<string>;
  readonly env?: Readonly<Record<string, Env[string] | Input<string>>>;
  /** A route whose only host is known later keeps its objects when it has a `name`. */
  readonly routes?: readonly (Omit<Route, 'hosts'> & { readonly hosts?: readonly Input<string>[] })[];
  /** Changes the compiled objects of this app; must be pure. @default none */
  readonly transform?: Transform;
}

/**
 * One workload with its Service, routes and protection. Children are named after their namespace and name, so a route
 * that is added replaces nothing.
 */
export class EdgeApp extends ComponentResource {
  /** Name of the app and of its Service. */
  readonly app: string;
  readonly namespace: string;

  constructor(name: string, args: EdgeAppArgs, options: ComponentResourceOptions = {}) {
    super('edgeplane:app:EdgeApp', name, {}, options);
    const { environment, transform, ...fields } = args;
    this.app = args.name ?? name;
    this.namespace = args.namespace ?? environment.namespace;
    const own = { name: this.app, namespace: this.namespace };
    const definition = { apiVersion, kind: 'App' as const, ...fields, ...own };
    const { objects } = environment.group(definition, transform);
    registerObjects(objects, { parent: this, ...environment.rules });
    this.registerOutputs({ app: this.app, namespace: this.namespace });
  }
}

/** The objects of a definition that its environment knows already, app or routes. */
export class DefinedApp extends ComponentResource {
  constructor(
    name: string,
    args: { readonly environment: EdgeEnvironment; readonly definition: DefinitionInput },
    options: ComponentResourceOptions = {},
  ) {
    super(args.definition.kind === 'App' ? 'edgeplane:app:EdgeApp' : 'edgeplane:app:EdgeRoutes', name, {}, options);
    const { environment, definition } = args;
    const { objects } = environment.group(definition);
    registerObjects(objects, { parent: this, ...environment.rules });
    this.registerOutputs({ app: definition.name, namespace: definition.namespace ?? environment.namespace });
  }
}
