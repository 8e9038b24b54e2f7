import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { traefikEdge } from '../../../../../components/compile/edges/traefik.ts';
import type { KubeObject } from '../../../../../components/compile/output.ts';
import type { EnvironmentPlan } from '../../../../../components/compile/plan.ts';
import { environmentPlan, planOf } from '../plans.ts';

const platform = (changes: Partial<EnvironmentPlan> = {}) =>
  traefikEdge.emit(planOf([], environmentPlan(changes))).platform;

function find<Shape>(objects: readonly KubeObject[], kind: string): Shape {
  const found = objects.find((object) => object.kind === kind);
  if (found === undefined) throw new Error(`no ${kind}`);
  return found as unknown as Shape;
}

interface DaemonSet {
  spec: {
    updateStrategy: { rollingUpdate: object };
    template: {
      metadata: { annotations: Record<string, string> };
      spec: {
        terminationGracePeriodSeconds: number;
        containers: [{ image: string; ports: { containerPort: number; hostPort?: number }[] }];
      };
    };
  };
}

const files = (objects: readonly KubeObject[]) => {
  const { data } = find<{ data: Record<string, string> }>(objects, 'ConfigMap');
  return { static: parse(data['traefik.yml'] ?? ''), dynamic: parse(data['edgeplane.yml'] ?? '') };
};
const hostPort = { kind: 'hostPort', http: 80, https: 443 } as const;

test('behind a load balancer a new pod serves before the old one stops, and Pod Security holds it to restricted', () => {
  const objects = platform();
  expect(find<DaemonSet>(objects, 'DaemonSet').spec.updateStrategy.rollingUpdate).toEqual({
    maxSurge: 1,
    maxUnavailable: 0,
  });
  expect(find<KubeObject>(objects, 'Namespace').metadata.labels?.['pod-security.kubernetes.io/enforce']).toBe(
    'restricted',
  );
});

test('on host ports one pod stops before the next starts, and nothing of Pod Security can be enforced', () => {
  const objects = platform({ exposure: hostPort });
  expect(find<DaemonSet>(objects, 'DaemonSet').spec.updateStrategy.rollingUpdate).toEqual({
    maxSurge: 0,
    maxUnavailable: 1,
  });
  expect(find<KubeObject>(objects, 'Namespace').metadata.labels?.['pod-security.kubernetes.io/enforce']).toBe(
    'privileged',
  );
  expect(objects.some(({ kind }) => kind === 'Service')).toBe(false);
});

test('the API is served beside health on 8080, to connections from the loopback of the pod only', () => {
  const { static: start, dynamic } = files(platform());
  expect(Object.keys(start.entryPoints).toSorted()).toEqual(['admin', 'web', 'websecure']);
  expect(start.entryPoints.admin).toEqual({ address: ':8080' });
  expect(start.api.insecure).toBe(false);
  const api = Object.values(dynamic.http.routers as Record<string, { service: string }>).filter(
    ({ service }) => service === 'api@internal',
  );
  expect(api).toEqual([expect.objectContaining({ entryPoints: ['admin'], middlewares: ['edgeplane-operator'] })]);
  expect(dynamic.http.middlewares['edgeplane-operator'].ipAllowList.sourceRange).toEqual(['127.0.0.1/32', '::1/128']);
});

test('all seven encoded characters have an explicit value on both doors', () => {
  const { entryPoints } = files(platform()).static;
  for (const door of ['web', 'websecure'])
    expect(Object.keys(entryPoints[door].http.encodedCharacters)).toHaveLength(7);
});

test('the access log holds no header and no query', () => {
  expect(files(platform()).static.accessLog.fields).toMatchObject({
    headers: { defaultMode: 'drop' },
    queryParameters: { defaultMode: 'drop' },
  });
  expect(files(platform({ accessLog: false })).static.accessLog).toBeUndefined();
});

test('forwarding headers and PROXY protocol are believed from trusted proxies only', () => {
  const exposure = {
    kind: 'loadBalancer',
    address: null,
    clientAddress: 'proxyProtocol',
    sourceRanges: [],
    annotations: {},
  } as const;
  const { web } = files(platform({ exposure, trustedProxies: ['10.0.0.0/8'] })).static.entryPoints;
  expect(web.forwardedHeaders).toEqual({ insecure: false, trustedIPs: ['10.0.0.0/8'] });
  expect(web.proxyProtocol).toEqual({ insecure: false, trustedIPs: ['10.0.0.0/8'] });
  expect(files(platform()).static.entryPoints.web.proxyProtocol).toBeUndefined();
});

test.each([1, 10, 60, 600])('a drain of %i s fits into the time the kubelet gives', (drainSeconds) => {
  const objects = platform({ drainSeconds });
  const { requestAcceptGraceTimeout, graceTimeOut } = files(objects).static.entryPoints.web.transport.lifeCycle;
  expect(Number.parseInt(requestAcceptGraceTimeout, 10) + Number.parseInt(graceTimeOut, 10)).toBe(drainSeconds);
  expect(find<DaemonSet>(objects, 'DaemonSet').spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(
    drainSeconds,
  );
});

test('a change of the configuration rolls the pods', () => {
  const hash = (changes: Partial<EnvironmentPlan>) =>
    find<DaemonSet>(platform(changes), 'DaemonSet').spec.template.metadata.annotations[
      'edgeplane.dev/configuration-hash'
    ];
  expect(hash({ drainSeconds: 10 })).not.toBe(hash({}));
  expect(hash({})).toBe(hash({}));
});

test('the edge reads, and writes nothing', () => {
  const { rules } = find<{ rules: { verbs: string[] }[] }>(platform(), 'ClusterRole');
  expect(new Set(rules.flatMap(({ verbs }) => verbs))).toEqual(new Set(['get', 'list', 'watch']));
});

test('only an environment that keeps challenges free reads Ingresses', () => {
  expect(JSON.stringify(find(platform({ acme: false }), 'ClusterRole'))).not.toContain('ingresses"');
  expect(files(platform({ acme: false })).static.providers.kubernetesIngress).toBeUndefined();
});

test('one of two edge pods may be evicted; a budget for one pod would only block', () => {
  expect(find<{ spec: object }>(platform(), 'PodDisruptionBudget').spec).toMatchObject({ minAvailable: 1 });
  const { edgeNodes } = environmentPlan();
  expect(platform({ edgeNodes: { ...edgeNodes, count: 1 } }).some(({ kind }) => kind === 'PodDisruptionBudget')).toBe(
    false,
  );
});

test('definitions of all kinds the edge lists at its start come with it and are never pruned', () => {
  const { crds } = traefikEdge.emit(planOf([]));
  expect(crds).toHaveLength(10);
  for (const { metadata } of crds)
    expect(metadata.annotations).toMatchObject({
      'argocd.argoproj.io/sync-options': 'Prune=false',
      'kustomize.toolkit.fluxcd.io/prune': 'disabled',
    });
});
