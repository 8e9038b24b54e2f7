import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import type { ObjectGroup } from '../compile/output.ts';
import { type Compiled, EdgeEnvironment } from './edge-environment.ts';
import { placeObjects } from './kube-objects.ts';

/**
 * The shared part of an environment, in two charts that are applied and destroyed apart from any app: the
 * CustomResourceDefinitions, which are kept, and the edge with its rights. Empty where someone else installed the edge.
 */
export class TraefikEdge extends Construct implements Compiled {
  readonly crds: Chart;
  readonly platform: Chart;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.crds = new Chart(this, 'crds');
    this.platform = new Chart(this, 'platform');
    this.platform.addDependency(this.crds);
    EdgeEnvironment.of(this).add(this);
  }

  receive(groups: readonly ObjectGroup[]): void {
    placeObjects(
      this.crds,
      groups.filter(({ kind }) => kind === 'crds'),
    );
    placeObjects(
      this.platform,
      groups.filter(({ kind }) => kind !== 'crds'),
    );
  }
}
