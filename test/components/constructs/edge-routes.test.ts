import { App, Chart, Testing } from 'cdk8s';
import { Deployment, Service } from 'cdk8s-plus-27';
import { expect, test } from 'vitest';
import { EdgeEnvironment } from '../../../components/constructs/edge-environment.ts';
import { EdgeRoutes } from '../../../components/constructs/edge-routes.ts';
import { ForwardAuth } from '../../../components/constructs/forward-auth.ts';
import { defineEnvironment } from '../../../components/model/define.ts';

const environment = defineEnvironment({
  name: 'test',
  kind: 'local',
  edge: 'traefik',
  namespace: 'shop',
  tls: 'off',
  exposure: { loadBalancer: { clientAddress: 'preserved' } },
  today: '2026-11-21',
});

function newChart(namespace?: string): Chart {
  const place = new EdgeEnvironment(new App(), 'test', environment);
  return new Chart(place, 'shop', namespace === undefined ? {} : { namespace });
}

const open = { open: 'a shop window for everyone' };

/** Every Service that the IngressRoutes of a chart send requests to. */
function targets(chart: Chart): readonly unknown[] {
  return Testing.synth(chart)
    .filter(({ kind }) => kind === 'IngressRoute')
    .flatMap(({ spec }) => spec.routes)
    .flatMap(({ services }) => services)
    .filter(({ kind }) => kind !== 'TraefikService');
}

test('a Service made with cdk8s-plus gets routes by its real name, port and namespace', () => {
  const chart = newChart('team');
  const deployment = new Deployment(chart, 'web', {
    containers: [{ image: 'registry.example.org/web:1', portNumber: 9000 }],
  });
  const service: Service = deployment.exposeViaService({ ports: [{ port: 80, targetPort: 9000 }] });
  new EdgeRoutes(chart, 'routes', { service, protection: open, routes: [{ hosts: ['web.example.org'] }] });
  expect(targets(chart)).toEqual([expect.objectContaining({ name: service.name, port: 80 })]);
  const route = Testing.synth(chart).find(({ kind }) => kind === 'IngressRoute');
  expect(route?.metadata.namespace).toBe('team');
});

test('named ports of a cdk8s-plus Service are chosen by name', () => {
  const chart = newChart();
  const ports = [
    { name: 'web', port: 80, targetPort: 9000 },
    { name: 'admin', port: 81, targetPort: 9001 },
  ];
  const service = new Service(chart, 'service', { ports });
  const routes = [{ hosts: ['admin.example.org'], to: 'admin' }];
  new EdgeRoutes(chart, 'routes', { service, protection: open, routes });
  expect(targets(chart)).toEqual([expect.objectContaining({ port: 81 })]);
});

test('a Service that is there already is named with its ports', () => {
  const chart = newChart();
  const service = { name: 'grafana', namespace: 'monitoring', ports: { http: 3000 } };
  new EdgeRoutes(chart, 'routes', { service, protection: open, routes: [{ hosts: ['grafana.example.org'] }] });
  expect(targets(chart)).toEqual([expect.objectContaining({ name: 'grafana', port: 3000 })]);
});

test('no workload and no Service is made for a Service of someone else', () => {
  const chart = newChart();
  const service = { name: 'grafana', ports: { http: 3000 } };
  new EdgeRoutes(chart, 'routes', { service, protection: open, routes: [{ hosts: ['grafana.example.org'] }] });
  const kinds = new Set(Testing.synth(chart).map(({ kind }) => kind));
  for (const kind of ['Deployment', 'Service', 'ServiceAccount']) expect(kinds).not.toContain(kind);
});

test('ForwardAuth by a cdk8s-plus Service asks its address in the cluster', () => {
  const chart = newChart('team');
  const auth = new Service(chart, 'auth', { metadata: { name: 'auth' }, ports: [{ port: 8000 }] });
  const gate = new ForwardAuth(chart, 'asks', { by: auth, path: '/auth' });
  expect(gate.protection).toEqual({ forwardAuth: { url: 'http://auth.team.svc.cluster.local:8000/auth' } });
});
