import { expect, test } from 'vitest';
import { catalogSources, readNode, readService, readSlice } from '../../../controllers/catalog/sources.ts';
import type { KubeObject } from '../../../controllers/loop/source.ts';
import { settings, wholeCluster } from './cluster-state.ts';

const metadata = { name: 'a', namespace: 'team', uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z' };
const port = { name: 'http', port: 80, nodePort: 30000, protocol: 'TCP', targetPort: 8080 };
const serviceObject = (annotations: Record<string, string>, spec: object = {}, more: object = {}): KubeObject => ({
  metadata: { ...metadata, annotations, ...more },
  spec: { type: 'NodePort', ports: [port], ...spec },
});

test('of a Service is kept what the catalog needs', () => {
  const annotations = { 'traefik.io/enable': 'true', 'edgeplane.dev/catalog-name': 'x', 'other.io/y': '1' };
  expect(readService(serviceObject(annotations, { externalTrafficPolicy: 'Local' }), false)).toEqual({
    namespace: 'team',
    name: 'a',
    uid: 'u',
    created: '2026-01-01T00:00:00Z',
    type: 'NodePort',
    local: true,
    ports: [{ name: 'http', port: 80, nodePort: 30000, protocol: 'TCP' }],
    annotations: { 'traefik.io/enable': 'true', 'edgeplane.dev/catalog-name': 'x' },
  });
});

test.each([
  ['one without annotations', {}, {}, {}, false],
  ['one with a name alone', { 'edgeplane.dev/catalog-name': 'x' }, {}, {}, false],
  [
    'one that is being deleted',
    { 'traefik.io/enable': 'true' },
    {},
    { deletionTimestamp: '2026-01-02T00:00:00Z' },
    true,
  ],
  ['one without annotations that is no NodePort', {}, { type: 'ClusterIP' }, {}, true],
])('of Services %s is not kept', (_, annotations, spec, more, unannotated) => {
  expect(readService(serviceObject(annotations, spec, more), unannotated)).toBeNull();
});

test('without annotations a NodePort Service is kept where there is a default domain', () => {
  expect(readService(serviceObject({}), true)?.name).toBe('a');
});

test('a Service that another API version could hold is refused, never half read', () => {
  expect(() =>
    readService({ metadata: { name: 'a', annotations: { 'traefik.io/a': '1' } }, spec: { ports: 'x' } }, false),
  ).toThrow();
});

const nodeObject = (status: object, spec: object = {}, more: object = {}): KubeObject => ({
  metadata: { name: 'n1', ...more },
  spec,
  status,
});
const ready = { conditions: [{ type: 'Ready', status: 'True' }] };

test('the first address of each kind is the one of the node', () => {
  const addresses = [
    { type: 'Hostname', address: 'n1' },
    { type: 'InternalIP', address: '4.5.6.7' },
    { type: 'InternalIP', address: '7.8.9.10' },
    { type: 'ExternalIP', address: '1.2.3.4' },
  ];
  expect(readNode(nodeObject({ ...ready, addresses }))).toEqual({
    name: 'n1',
    internal: '4.5.6.7',
    external: '1.2.3.4',
    unready: null,
    cordoned: false,
    excluded: false,
  });
});

test.each([
  ['not Ready', nodeObject({ conditions: [{ type: 'Ready', status: 'Unknown' }] })],
  ['without conditions', nodeObject({})],
  ['without a status', { metadata: { name: 'n1' } }],
  [
    'about to be removed',
    nodeObject(ready, { taints: [{ key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' }] }),
  ],
  ['being deleted', nodeObject(ready, {}, { deletionTimestamp: '2026-01-01T00:00:00Z' })],
])('a node %s is not used', (_, object) => {
  expect(readNode(object).unready).toEqual(expect.any(String));
});

test('a heartbeat changes nothing of a node', () => {
  const beat = (time: string) =>
    readNode(nodeObject({ conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: time }] }));
  expect(beat('2026-01-01T00:00:00Z')).toEqual(beat('2026-01-01T00:00:10Z'));
});

const sliceObject = (endpoints: object[] | null, more: object = {}): KubeObject => ({
  metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4',
  endpoints,
  ...more,
});

test.each([
  ['ready', { ready: true }, 'ready'],
  ['of which nothing is told', {}, 'ready'],
  ['without conditions', null, 'ready'],
  ['not ready', { ready: false }, 'down'],
  ['finishing', { ready: false, serving: true, terminating: true }, 'serving'],
])('an endpoint %s', (_, conditions, state) => {
  expect(readSlice(sliceObject([{ nodeName: 'n1', conditions }]))?.nodes).toEqual({ n1: state });
});

test('the best endpoint of a node counts', () => {
  const endpoints = [
    { nodeName: 'n1', conditions: { ready: false } },
    { nodeName: 'n1' },
    { conditions: { ready: false } },
  ];
  expect(readSlice(sliceObject(endpoints))).toEqual({
    namespace: 'team',
    service: 'web',
    nodes: { n1: 'ready', '': 'down' },
  });
});

test('a slice without endpoints, and one without a Service', () => {
  expect(readSlice(sliceObject(null))?.nodes).toEqual({});
  expect(readSlice({ ...sliceObject([]), metadata })).toBeNull();
  expect(readSlice(sliceObject([], { addressType: 'FQDN' }))).toBeNull();
});

test('one namespace is listed alone; nodes are always those of the cluster', () => {
  const spaces = (by: typeof settings) => Object.values(catalogSources(by)).map(({ namespace }) => namespace);
  expect(spaces(settings)).toEqual(['default', null, 'default']);
  expect(spaces(wholeCluster)).toEqual([null, null, null]);
});
