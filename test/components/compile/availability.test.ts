import { expect, test } from 'vitest';
import { app, codesOf, planOf } from './definitions.ts';

test('a rollout that can replace no pod is a problem, defaults counted', () => {
  expect(codesOf([app({ rollout: { maxSurge: 0 } })])).toEqual(['rollout-stuck at app shop/cart: rollout']);
  expect(codesOf([app({ rollout: { maxSurge: '0%', maxUnavailable: 1 } })])).toEqual([]);
  expect(codesOf([app({ workload: 'DaemonSet', rollout: { maxUnavailable: 0 } })])).toEqual([
    'rollout-stuck at app shop/cart: rollout',
  ]);
});

test('a budget that keeps every pod is a problem, as the disruption controller counts', () => {
  const codes = (fields: Parameters<typeof app>[0]) => codesOf([app(fields)]);
  const blocked = ['budget-blocks-drain at app shop/cart: disruption.minAvailable'];
  expect(codes({ replicas: 3, disruption: { minAvailable: 2 } })).toEqual([]);
  expect(codes({ replicas: 1, disruption: { minAvailable: '50%' } })).toEqual(blocked);
  expect(codes({ replicas: 3, disruption: { minAvailable: '67%' } })).toEqual(blocked);
  expect(codes({ replicas: 3, disruption: { minAvailable: '66%' } })).toEqual([]);
  expect(codes({ autoscale: { min: 1, max: 9 }, disruption: { minAvailable: '10%' } })).toEqual(blocked);
});

test('a DaemonSet takes no budget', () => {
  expect(codesOf([app({ workload: 'DaemonSet', disruption: { maxUnavailable: 1 } })])).toEqual([
    'daemonset-budget at app shop/cart: disruption',
  ]);
});

test('a pod is ready before its rollout’s deadline can pass', () => {
  expect(codesOf([app({ rollout: { minReadySeconds: 60, progressDeadline: '60s' } })])).toEqual([
    'progress-deadline at app shop/cart: rollout.minReadySeconds',
  ]);
});

test('a budget left out with a reason keeps the reason', () => {
  const workload = planOf([app({ disruption: { none: 'a cache that fills itself' } })]).apps[0]?.workload;
  expect([workload?.disruption, workload?.without.disruptionBudget]).toEqual([null, 'a cache that fills itself']);
});

test('readiness is asked more often than liveness, and startup has five minutes', () => {
  const check = { http: { path: '/ready' } };
  const probes = { readiness: { check }, liveness: { check }, startup: { check, timing: { timeoutSeconds: 7 } } };
  const plan = planOf([app({ probes })]).apps[0]?.workload?.containers[0]?.probes;
  expect([plan?.readiness?.periodSeconds, plan?.liveness?.periodSeconds]).toEqual([5, 10]);
  expect(plan?.startup).toMatchObject({ periodSeconds: 5, failureThreshold: 60, timeoutSeconds: 7 });
  expect(plan?.readiness?.check).toEqual({ kind: 'http', path: '/ready', port: 8080, headers: [] });
});
