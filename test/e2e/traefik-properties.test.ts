import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RoutePlan } from '../../components/compile/plan.ts';
import { match } from '../../components/model/match.ts';
import { type RandomRequest, randomRequests, randomWorld } from '../conformance/random.ts';
import { send } from '../conformance/raw-client.ts';
import { compiledPlan, startTraefik, type TraefikDriver } from '../conformance/traefik-driver.ts';
import { readReport } from '../conformance/verdict.ts';
import { seed } from '../seed.ts';
import { settled } from './kubectl.ts';
import { sharedCluster } from './shared-cluster.ts';

const cluster = sharedCluster();
const tables = 8;
const requestsOfATable = 75;

const world = randomWorld(tables, seed);
const routes = compiledPlan(world).routes;
const asked = Array.from({ length: tables }, (_, table) =>
  fc.sample(randomRequests(table), { numRuns: requestsOfATable, seed: seed + table }),
);
let driver: TraefikDriver;

/** One request that reaches an app is answered rightly by every pod behind the address. */
async function settle(requests: readonly RandomRequest[]): Promise<void> {
  const probe = requests.find((request) => expected(request).startsWith('t'));
  if (probe === undefined) throw new Error('no request of this table reaches an app');
  await settled(
    () => observed(probe),
    (found) => found === expected(probe),
  );
}

beforeAll(async () => {
  driver = await startTraefik(cluster, world);
  await driver.serve(world);
  for (const requests of asked) await settle(requests);
});

afterAll(async () => {
  await driver.forget(world);
});

/** What the contract says of a request, in the words in which an answer can be read. */
function expected(request: RandomRequest): string {
  const { scheme, host, method, target, headers } = request;
  const outcome = match(routes, { scheme, host, method, target, headers: Object.fromEntries(headers) });
  switch (outcome.kind) {
    case 'route':
      return `${markOf(routes.find(({ id }) => id === outcome.route))} ${outcome.upstreamTarget} ${outcome.forwardedPrefix}`;
    case 'refused':
    case 'notFound':
      return String(outcome.status);
    default:
      return outcome.kind;
  }
}

function markOf(route: RoutePlan | undefined): string {
  return route?.requestHeaders.set.find(({ name }) => name.toLowerCase() === 'x-route')?.value ?? 'no route';
}

async function observed(request: RandomRequest): Promise<string> {
  const answer = await send(driver.door, request);
  const report = readReport(answer);
  if (report === null) return String(answer.status);
  const header = (name: string) => report.headers.find(([own]) => own.toLowerCase() === name)?.[1] ?? null;
  return `${header('x-route')} ${report.target} ${header('x-forwarded-prefix')}`;
}

test.each(asked.map((requests, table) => ({ table, requests })))(
  'random table $table answers as the contract says',
  async ({ requests }) => {
    for (const request of requests)
      expect({ request, is: await observed(request) }).toEqual({ request, is: expected(request) });
  },
);
