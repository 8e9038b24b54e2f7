import { Chart } from 'cdk8s';
import type { Service } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { Protection } from '../model/schema/app.ts';
import { EdgeApp } from './edge-app.ts';
import { EdgeEnvironment } from './edge-environment.ts';

type Options = Omit<Extract<Protection, { forwardAuth: unknown }>['forwardAuth'], 'app' | 'namespace' | 'port' | 'url'>;

export interface ForwardAuthProps extends Options {
  /** Who answers: an app of the same environment, a Service made with cdk8s-plus-27, or a URL. */
  readonly by: EdgeApp | Service | string;
  /** Port of the Service. @default its first port */
  readonly port?: number;
}

/**
 * Someone who is asked before a request passes. Gives a `protection` for `EdgeApp`s and `EdgeRoutes`; makes no
 * objects of its own, because each edge asks in its own way.
 */
export class ForwardAuth extends Construct {
  readonly protection: Protection;

  constructor(scope: Construct, id: string, props: ForwardAuthProps) {
    super(scope, id);
    const { by, port, path, ...options } = props;
    if (by instanceof EdgeApp) {
      const app = { app: by.name, namespace: by.namespace };
      this.protection = { forwardAuth: { ...options, ...app, ...(path === undefined ? {} : { path }) } };
    } else {
      const url = typeof by === 'string' ? by : `http://${this.addressOf(by, port)}`;
      this.protection = { forwardAuth: { ...options, url: `${url}${path ?? ''}` } };
    }
  }

  private addressOf(service: Service, port: number | undefined): string {
    const namespace = service.metadata.namespace ?? Chart.of(this).namespace ?? EdgeEnvironment.of(this).namespace;
    return `${service.name}.${namespace}.svc.cluster.local:${port ?? service.port}`;
  }
}
