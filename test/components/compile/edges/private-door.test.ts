import { expect, test } from 'vitest';
import { atThePublicDoor } from '../../../../components/compile/edges/private-door.ts';
import type { EnvironmentPlan } from '../../../../components/compile/plan.ts';
import { environmentPlan, planOf, routePlan } from './plans.ts';

const inner = routePlan({ id: 'apps/shop/inner', objectName: 'inner', audience: 'private' });

function seen(changes: Partial<EnvironmentPlan>) {
  const { plan, losses } = atThePublicDoor(planOf([routePlan(), inner], environmentPlan(changes)));
  return { routes: plan.routes.map(({ id }) => id), losses: losses.map(({ name }) => name) };
}

test.each<[string, Partial<EnvironmentPlan>]>([
  ['traefik', { edge: 'traefik' }],
  ['nginx', { edge: 'nginx' }],
  ['pods', { edge: 'pods' }],
])('a private route is left out and a loss where %s has one door', (edge, changes) => {
  expect(seen(changes)).toEqual({ routes: ['apps/shop/main'], losses: [`${edge}/private-door`] });
});

test('a private door takes it', () => {
  expect(seen({ edge: 'pods', privateDoor: true })).toEqual({
    routes: ['apps/shop/main', 'apps/shop/inner'],
    losses: [],
  });
});
