import { expect, test } from 'vitest';
import { decide } from '../../../local/loadbalancer/decide.ts';
import { observeNode, observeService } from '../../../local/loadbalancer/observe.ts';
import { node, service } from './service.ts';

const pool = ['10.0.0.1', '10.0.0.2'];
const edge = node('edge-1', '10.1.0.1');
const worker = node('worker-1', '10.1.0.2');
const serversOf = (decision: ReturnType<typeof decide>) =>
  decision.frontends.map((frontend) => frontend.servers.map((server) => server.name));

test('with Cluster every node that is ready and not excluded serves', () => {
  const nodes = [worker, edge, node('dead', '10.1.0.3', { ready: false }), node('out', '10.1.0.4', { excluded: true })];
  expect(serversOf(decide([service('a')], nodes, pool))).toEqual([['edge-1', 'worker-1']]);
});

test('with Local the health check node port decides, so a node whose kubelet is silent stays listed', () => {
  const local = service('a', { local: true, healthCheckNodePort: 31000 });
  const decision = decide([local], [edge, node('silent', '10.1.0.3', { ready: false })], pool);
  expect(serversOf(decision)).toEqual([['edge-1', 'silent']]);
  expect(decision.frontends[0]?.healthPort).toBe(31000);
});

test('the status says how the address is to be treated: VIP when preserved, Proxy with the PROXY protocol', () => {
  const proxied = service('b', { clientAddress: 'proxyProtocol' });
  expect(decide([service('a'), proxied], [edge], pool).statuses.map((status) => status.ingress)).toEqual([
    [{ ip: '10.0.0.1', ipMode: 'VIP' }],
    [{ ip: '10.0.0.2', ipMode: 'Proxy' }],
  ]);
});

test('a status that is already right is not written again', () => {
  const settled = service('a', { ingress: [{ ip: '10.0.0.1', ipMode: 'VIP' }] });
  expect(decide([settled], [edge], pool).statuses).toEqual([]);
});

test('a Service that is no load balancer any more has its status cleared and its address released', () => {
  const changed = service('a', { wanted: false, ingress: [{ ip: '10.0.0.1', ipMode: 'VIP' }] });
  const decision = decide([changed], [edge], pool);
  expect(decision.statuses.map((status) => status.ingress)).toEqual([[]]);
  expect(decision.addresses).toEqual([]);
});

test('a status that somebody else wrote, or of another class, is left alone', () => {
  const foreign = service('a', { wanted: false, ingress: [{ ip: '192.0.2.1', ipMode: 'VIP' }] });
  const other = service('b', { wanted: false, ours: false, ingress: [{ ip: '10.0.0.1', ipMode: 'VIP' }] });
  expect(decide([foreign, other], [edge], pool).statuses).toEqual([]);
});

test('a UDP port is refused and named; the TCP ports beside it are served', () => {
  const both = service('a', {
    ports: [
      { protocol: 'UDP', port: 53, nodePort: 30053 },
      { protocol: 'TCP', port: 80, nodePort: 30080 },
    ],
  });
  const decision = decide([both], [edge], pool);
  expect(decision.frontends.map((frontend) => frontend.port)).toEqual([80]);
  expect(decision.refusals.map((refusal) => refusal.message)).toEqual([
    expect.stringContaining('port 53/UDP is not served'),
  ]);
});

test('a Service with UDP ports only gets no address', () => {
  const udp = service('a', { ports: [{ protocol: 'UDP', port: 53, nodePort: 30053 }] });
  expect(decide([udp], [edge], pool)).toMatchObject({ frontends: [], addresses: [], statuses: [] });
});

test('a misspelt client address mode is refused: guessing could lose the client address', () => {
  const decision = decide([service('a', { clientAddress: 'proxy' })], [edge], pool);
  expect(decision.frontends).toEqual([]);
  expect(decision.refusals[0]?.message).toMatch(/found "proxy", expected preserved or proxyProtocol/);
});

test('the order in which the API server lists things makes no difference', () => {
  const services = [service('a'), service('b')];
  expect(decide(services.toReversed(), [worker, edge], pool)).toEqual(decide(services, [edge, worker], pool));
});

test('a Service as the API server gives it: class, deletion, affinity, ranges', () => {
  const metadata = { namespace: 'shop', name: 'a', uid: 'u', resourceVersion: '7' };
  const spec = {
    type: 'LoadBalancer',
    ports: [{ port: 80, nodePort: 30080 }],
    sessionAffinity: 'ClientIP',
    externalTrafficPolicy: 'Local',
    healthCheckNodePort: 31000,
    loadBalancerSourceRanges: ['10.1.0.0/16 ', '10.0.0.0/16'],
  };
  expect(observeService({ metadata, spec })).toMatchObject({
    wanted: true,
    sticky: true,
    local: true,
    healthCheckNodePort: 31000,
    sources: ['10.0.0.0/16', '10.1.0.0/16'],
    ports: [{ protocol: 'TCP', port: 80, nodePort: 30080 }],
  });
  expect(observeService({ metadata, spec: { ...spec, loadBalancerClass: 'example.com/other' } })).toMatchObject({
    wanted: false,
    ours: false,
  });
  const deleted = { ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z' };
  expect(observeService({ metadata: deleted, spec })).toMatchObject({ wanted: false, ours: true });
});

test('a node that is being deleted or is labelled is excluded; one without an address is not there', () => {
  const status = {
    addresses: [{ type: 'InternalIP', address: '10.1.0.1' }],
    conditions: [{ type: 'Ready', status: 'True' }],
  };
  const label = { 'node.kubernetes.io/exclude-from-external-load-balancers': '' };
  expect(observeNode({ metadata: { name: 'n' }, status })).toEqual([node('n', '10.1.0.1')]);
  expect(observeNode({ metadata: { name: 'n', labels: label }, status })[0]?.excluded).toBe(true);
  expect(observeNode({ metadata: { name: 'n', deletionTimestamp: 'x' }, status })[0]?.excluded).toBe(true);
  expect(observeNode({ metadata: { name: 'n' } })).toEqual([]);
});
