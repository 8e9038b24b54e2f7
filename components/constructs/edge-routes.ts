import { Chart } from 'cdk8s';
import type { Service } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { ObjectGroup } from '../compile/output.ts';
import type { Transform } from '../compile/transform.ts';
import { type Definition, defineRoutes } from '../model/define.ts';
import type { EdgeRoutes as Routes } from '../model/schema/app.ts';
import { type Defining, EdgeEnvironment } from './edge-environment.ts';
import { placeObjects } from './kube-objects.ts';

/** A Service that something else makes. */
export interface ServiceReference {
  readonly name: string;
  /** @default the namespace of the chart, then that of the environment */
  readonly namespace?: string;
  /** Its ports by name; the numbers are the Service’s. */
  readonly ports: Routes['service']['ports'];
}

export interface EdgeRoutesProps extends Omit<Routes, 'name' | 'namespace' | 'service'> {
  /** Name of these routes, unique in the namespace. @default the id of the construct */
  readonly name?: string;
  /** A Service made with cdk8s-plus-27, or one that is there already. */
  readonly service: Service | ServiceReference;
  /** Changes the compiled objects of these routes; must be pure. @default none */
  readonly transform?: Transform;
}

/** Routes, and who may pass, on a Service that something else makes: cdk8s-plus-27, a Helm release, another team. */
export class EdgeRoutes extends Construct implements Defining {
  readonly group: string;
  readonly definition: Definition;
  readonly transform: Transform | undefined;

  constructor(scope: Construct, id: string, props: EdgeRoutesProps) {
    super(scope, id);
    const environment = EdgeEnvironment.of(this);
    const { transform, service, name = id, ...routes } = props;
    const reference = referTo(service);
    const namespace = reference.namespace ?? Chart.of(this).namespace ?? environment.namespace;
    const target = { name: reference.name, ports: reference.ports };
    this.definition = defineRoutes({ ...routes, name, namespace, service: target });
    this.transform = transform;
    this.group = `${namespace}/${name}`;
    environment.add(this);
  }

  receive(groups: readonly ObjectGroup[]): void {
    placeObjects(this, groups);
  }
}

/** A cdk8s-plus Service as reference. Its one port may go without a name; `http` stands for it. */
function referTo(service: Service | ServiceReference): ServiceReference {
  if (!('apiObject' in service)) return service;
  const namespace = service.metadata.namespace;
  return {
    name: service.name,
    ...(namespace === undefined ? {} : { namespace }),
    ports: Object.fromEntries(service.ports.map(({ name, port }) => [name ?? 'http', port])),
  };
}
