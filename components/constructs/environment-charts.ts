import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Definition } from '../model/define.ts';
import type { Environment } from '../model/schema/environment.ts';
import { EdgeApp } from './edge-app.ts';
import { EdgeEnvironment } from './edge-environment.ts';
import { EdgeRoutes } from './edge-routes.ts';
import { RouterEdge } from './router-edge.ts';
import { TraefikEdge } from './traefik-edge.ts';

/** A chart and the folder its objects are written to: `crds`, `platform`, or `<namespace>/<app>`. */
export interface FolderChart {
  readonly folder: string;
  readonly chart: Chart;
}

/** An environment that is given as data, as constructs: one chart for each folder of `synth`. */
export function environmentCharts(
  scope: Construct,
  environment: Environment,
  definitions: readonly Definition[],
): readonly FolderChart[] {
  const place = new EdgeEnvironment(scope, environment.name, environment);
  return [...edgeCharts(place, environment.edge), ...definitions.map((definition) => appChart(place, definition))];
}

function edgeCharts(place: EdgeEnvironment, name: Environment['edge']): readonly FolderChart[] {
  if (name === 'nginx' || name === 'pods')
    return [{ folder: 'platform', chart: new RouterEdge(place, 'edge').platform }];
  const edge = new TraefikEdge(place, 'edge');
  return [
    { folder: 'crds', chart: edge.crds },
    { folder: 'platform', chart: edge.platform },
  ];
}

function appChart(place: EdgeEnvironment, definition: Definition): FolderChart {
  const namespace = definition.namespace ?? place.namespace;
  const chart = new Chart(place, `${namespace}.${definition.name}`);
  if (definition.kind === 'App') new EdgeApp(chart, definition.name, { ...definition, namespace });
  else {
    const service = { ...definition.service, namespace };
    new EdgeRoutes(chart, definition.name, { ...definition, service });
  }
  return { folder: `${namespace}/${definition.name}`, chart };
}
