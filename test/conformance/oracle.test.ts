import { expect, test } from 'vitest';
import type { RoutePlan } from '../../components/compile/plan.ts';
import { match, type Outcome } from '../../components/model/match.ts';
import { compiledPlan } from './traefik-driver.ts';
import type { Vector } from './vector.ts';
import { suites } from './vectors.ts';
import { serviceOf } from './worlds.ts';

/** What the contract's function says of a vector's request; null where raw bytes leave it nothing to read. */
function judged({ request }: Vector, routes: readonly RoutePlan[]): Outcome | null {
  if (request.bytes !== undefined || request.host === null) return null;
  const { scheme = 'http', host, method = 'GET', target, headers = [] } = request;
  return match(routes, {
    scheme,
    host,
    method,
    target,
    headers: Object.fromEntries(headers),
    clientAddress: '10.0.0.1',
  });
}

function statusesOf({ expect: { status } }: Vector): readonly number[] {
  return typeof status === 'number' ? [status] : status;
}

const cases = suites.flatMap(({ world, vectors }) => {
  const { routes } = compiledPlan(world);
  return vectors.map((vector) => ({ id: vector.id, says: vector.says, vector, routes }));
});

test.each(cases)('$id agrees with the contract’s function: $says', ({ vector, routes }) => {
  const outcome = judged(vector, routes);
  const { service, target, response } = vector.expect;
  if (outcome?.kind === 'refused' || outcome?.kind === 'notFound') {
    // Two Host fields, a head that is too large, a route of the other door: outside what the function sees.
    expect(statusesOf(vector)).toContain(outcome.status);
    expect(service).toBeNull();
  } else if (outcome?.kind === 'redirect' && outcome.asks === null) {
    expect(statusesOf(vector)).toContain(outcome.status);
    expect(response?.Location).toBe(outcome.location);
  } else if (outcome?.kind === 'route' && outcome.asks === null && typeof service === 'string') {
    const action = routes.find(({ id }) => id === outcome.route)?.action;
    expect(action?.kind === 'forward' ? action.targets[0]?.service : null).toBe(serviceOf(service));
    if (target !== undefined) expect(outcome.upstreamTarget).toBe(target);
  } else if (outcome?.kind === 'route' && service === null) {
    expect(statusesOf(vector)).not.toContain(200);
  }
});
