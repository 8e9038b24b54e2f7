import { ApiObject, App, Chart, Size } from 'cdk8s';
import { Cpu, Deployment, NetworkPolicy, Probe, Service, ServiceAccount } from 'cdk8s-plus-27';
import { compile } from '../components/compile/compile.ts';
import { objectsOf } from '../components/compile/groups.ts';
import type { ObjectGroup } from '../components/compile/output.ts';
import { toYaml } from '../components/compile/to-yaml.ts';
import { defineApp } from '../components/model/define.ts';

/**
 * One side of the render bench, alone in its process: `render-side.ts <side> <apps> [<runs>]` makes that many apps from
 * definitions to YAML text and prints what it took as one line of JSON. The cdk8s-plus sides make the same kinds of
 * objects in the same number; the `three` sides only Deployment, Service and route, which is less than we make.
 */
export interface RenderCost {
  /** The first run of the process, its code still cold. */
  readonly firstMs: number;
  /** Median of the runs after the first, in which the code is warm; the first where there is no other. */
  readonly ms: number;
  /** Highest memory of the process, modules included. */
  readonly peakMiB: number;
  readonly objects: number;
  readonly bytes: number;
}

const sides = {
  edgeplane,
  'one-chart': (count: number) => oneChart(count, true),
  'chart-per-app': (count: number) => chartPerApp(count, true),
  'one-chart-three': (count: number) => oneChart(count, false),
  'chart-per-app-three': (count: number) => chartPerApp(count, false),
} as const;
export type RenderSide = keyof typeof sides;

function edgeplane(count: number): string {
  return toYaml(objectsOf(edgeplaneGroups(count)));
}

function edgeplaneGroups(count: number): readonly ObjectGroup[] {
  const definitions = Array.from({ length: count }, (_, index) => ({
    input: defineApp({
      name: `app-${index}`,
      image: 'registry.example.org/app:1.2.3',
      ports: { http: 8080 },
      env: { LEVEL: 'info' },
      resources: { cpu: '100m', memory: '128Mi' },
      probes: { readiness: { check: { http: { path: '/healthz' } } } },
      routes: [{ hosts: [`app-${index}.example.org`], paths: ['/api'], protection: { open: 'a bench asks nobody' } }],
    }),
  }));
  const environment = {
    name: 'bench',
    kind: 'local',
    edge: 'traefik',
    namespace: 'bench',
    tls: 'off',
    exposure: { loadBalancer: { clientAddress: 'preserved' } },
  };
  const outcome = compile({ environment, definitions, today: '2026-11-21' });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome, null, 2).slice(0, 2000));
  return outcome.groups.filter(({ kind }) => kind === 'app');
}

function oneChart(count: number, all: boolean): string {
  const app = new App();
  const chart = new Chart(app, 'bench', { namespace: 'bench' });
  for (let index = 0; index < count; index += 1) addApp(chart, index, all);
  return app.synthYaml();
}

function chartPerApp(count: number, all: boolean): string {
  const app = new App();
  for (let index = 0; index < count; index += 1) {
    addApp(new Chart(app, `chart-${index}`, { namespace: 'bench' }), index, all);
  }
  return app.synthYaml();
}

const container = {
  image: 'registry.example.org/app:1.2.3',
  portNumber: 8080,
  envVariables: { LEVEL: { value: 'info' } },
  resources: {
    cpu: { request: Cpu.millis(100), limit: Cpu.millis(1000) },
    memory: { request: Size.mebibytes(128), limit: Size.mebibytes(128) },
  },
  readiness: Probe.fromHttpGet('/healthz', { port: 8080 }),
};

function addApp(chart: Chart, index: number, all: boolean): void {
  const name = `app-${index}`;
  const props = { metadata: { name }, replicas: 2, containers: [container] };
  const deployment = new Deployment(chart, `${name}-deployment`, props);
  const ports = [{ name: 'http', port: 80 }];
  new Service(chart, `${name}-service`, { metadata: { name }, selector: deployment, ports });
  addRoute(chart, name, `${name}-route`);
  if (all) addRest(chart, name, deployment);
}

function addRest(chart: Chart, name: string, deployment: Deployment): void {
  new ServiceAccount(chart, `${name}-account`, { metadata: { name } });
  new NetworkPolicy(chart, `${name}-policy`, { metadata: { name }, selector: deployment });
  const selector = { matchLabels: { 'app.kubernetes.io/name': name } };
  const metadata = { name };
  const budget = { maxUnavailable: 1, selector };
  new ApiObject(chart, `${name}-budget`, {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata,
    spec: budget,
  });
  addRoute(chart, name, `${name}-guards-plain`);
  addRoute(chart, name, `${name}-guards-secure`);
  const spec = { forwardingTimeouts: { dialTimeout: '5s', responseHeaderTimeout: '60s', idleConnTimeout: '90s' } };
  new ApiObject(chart, `${name}-transport`, { apiVersion: traefik, kind: 'ServersTransport', metadata, spec });
}

const traefik = 'traefik.io/v1alpha1';

function addRoute(chart: Chart, app: string, name: string): void {
  const match = `Host("${app}.example.org") && PathPrefix("/api")`;
  const routes = [{ kind: 'Rule', match, priority: 1000, services: [{ name: app, port: 80 }] }];
  const spec = { entryPoints: ['web'], routes };
  new ApiObject(chart, name, { apiVersion: traefik, kind: 'IngressRoute', metadata: { name }, spec });
}

function measure(side: RenderSide, count: number, runs: number): RenderCost {
  const times: number[] = [];
  let text = '';
  for (let run = 0; run < runs; run += 1) {
    const start = performance.now();
    text = sides[side](count);
    times.push(performance.now() - start);
  }
  const objects = text.split('\nkind: ').length - 1;
  const settled = (runs === 1 ? times : times.slice(1)).toSorted((a, b) => a - b);
  const ms = settled[Math.floor(settled.length / 2)] ?? Number.NaN;
  const peakMiB = process.resourceUsage().maxRSS / 1024;
  return { firstMs: times[0] ?? Number.NaN, ms, peakMiB, objects, bytes: Buffer.byteLength(text) };
}

const [side, count, runs = '1'] = process.argv.slice(2);
if (side === undefined || !(side in sides) || !Number.isInteger(Number(count))) {
  process.stderr.write(`usage: render-side.ts ${Object.keys(sides).join('|')} <apps> [<runs>]\n`);
  process.exitCode = 2;
} else {
  process.stdout.write(`${JSON.stringify(measure(side as RenderSide, Number(count), Number(runs)))}\n`);
}
