import { expect, test } from 'vitest';
import { identityHeaders, unvouchedHeaders } from '../../../components/compile/identity.ts';
import type { RoutePlan } from '../../../components/compile/plan.ts';
import { environmentPlan, routePlan } from './edges/plans.ts';

const to = (service: string): RoutePlan['action'] => {
  const { action } = routePlan();
  if (action.kind !== 'forward') throw new Error('a plan without a target');
  return { ...action, targets: action.targets.map((target) => ({ ...target, service })) };
};
const asks = (...responseHeaders: readonly string[]): RoutePlan['protection'] => ({
  kind: 'forwardAuth',
  url: 'http://gate/',
  target: null,
  responseHeaders,
  timeoutMs: 1000,
  signIn: null,
});
const environment = environmentPlan();

test('identity follows the Service: an open route of another app to it knows what is vouched for there', () => {
  const secret = routePlan({ id: 'a', app: 'secret', action: to('secret'), protection: asks('X-Tenant-Id') });
  const open = routePlan({ id: 'b', app: 'other', action: to('secret') });
  const elsewhere = routePlan({ id: 'c', app: 'secret', action: to('elsewhere') });
  const of = identityHeaders({ routes: [secret, open, elsewhere], environment });
  expect([of(secret), of(open), of(elsewhere)]).toEqual([['x-tenant-id'], ['x-tenant-id'], []]);
});

test('a route lets in what it has vouched for itself, and nothing that another one has', () => {
  const secret = routePlan({ id: 'a', action: to('secret'), protection: asks('X-Tenant-Id') });
  const other = routePlan({ id: 'b', action: to('secret'), protection: asks('X-Staff') });
  const identity = identityHeaders({ routes: [secret, other], environment });
  expect([unvouchedHeaders(secret, identity), unvouchedHeaders(other, identity)]).toEqual([
    ['x-staff'],
    ['x-tenant-id'],
  ]);
});

test('of weighted targets the names of all count', () => {
  const [one, two] = [to('one'), to('two')];
  if (one.kind !== 'forward' || two.kind !== 'forward') throw new Error('no targets');
  const both = routePlan({ id: 'c', action: { ...one, targets: [...one.targets, ...two.targets] } });
  const routes = [
    routePlan({ id: 'a', action: one, protection: asks('X-One') }),
    routePlan({ id: 'b', action: two, protection: asks('X-Two') }),
    both,
  ];
  expect(identityHeaders({ routes, environment })(both)).toEqual(['x-one', 'x-two']);
});

test('the names of the environment count on every route that reaches an app, and on no redirect', () => {
  const named = environmentPlan({ identityHeaders: ['X-Staff'] });
  const open = routePlan();
  const redirect = routePlan({
    action: { kind: 'redirect', status: 308, to: 'https://x.test', scheme: null, host: null, path: null },
  });
  const of = identityHeaders({ routes: [open, redirect], environment: named });
  expect([of(open), of(redirect)]).toEqual([['x-staff'], []]);
});
