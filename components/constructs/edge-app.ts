import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import type { ObjectGroup } from '../compile/output.ts';
import type { Transform } from '../compile/transform.ts';
import { type Definition, defineApp } from '../model/define.ts';
import type { App } from '../model/schema/app.ts';
import { type Defining, EdgeEnvironment } from './edge-environment.ts';
import { placeObjects } from './kube-objects.ts';

/** An app as `defineApp` takes it. */
export interface EdgeAppProps extends Omit<App, 'name'> {
  /** Name of the app. @default the id of the construct */
  readonly name?: string;
  /** Changes the compiled objects of this app; must be pure. @default none */
  readonly transform?: Transform;
}

/** One workload with its Service, routes and protection, below a chart of an `EdgeEnvironment`. */
export class EdgeApp extends Construct implements Defining {
  readonly group: string;
  readonly definition: Definition;
  readonly transform: Transform | undefined;
  /** Name of the app and of its Service. */
  readonly name: string;
  /** @default the namespace of the chart, then that of the environment */
  readonly namespace: string;

  constructor(scope: Construct, id: string, props: EdgeAppProps) {
    super(scope, id);
    const environment = EdgeEnvironment.of(this);
    const { transform, ...app } = props;
    this.name = app.name ?? id;
    this.namespace = app.namespace ?? Chart.of(this).namespace ?? environment.namespace;
    this.group = `${this.namespace}/${this.name}`;
    this.definition = defineApp({ ...app, name: this.name, namespace: this.namespace });
    this.transform = transform;
    environment.add(this);
  }

  receive(groups: readonly ObjectGroup[]): void {
    placeObjects(this, groups);
  }
}
