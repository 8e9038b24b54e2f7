import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import type { ObjectGroup } from '../compile/output.ts';
import { type Compiled, EdgeEnvironment } from './edge-environment.ts';
import { placeObjects } from './kube-objects.ts';

/**
 * The shared part of an environment whose edge needs no CustomResourceDefinitions, nginx or pods: one chart that is
 * applied and destroyed apart from any app. Holds namespaces alone where an ingress-nginx is installed already.
 */
export class RouterEdge extends Construct implements Compiled {
  readonly platform: Chart;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.platform = new Chart(this, 'platform');
    EdgeEnvironment.of(this).add(this);
  }

  receive(groups: readonly ObjectGroup[]): void {
    placeObjects(this.platform, groups);
  }
}
