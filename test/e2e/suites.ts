import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * About how long the slower suites take on two cores, beside others, in seconds. The longest ones begin first, so that no
 * worker is left alone with one at the end. A suite without a number counts as 60 s.
 */
const seconds: Readonly<Record<string, number>> = {
  'internal-edge': 254,
  'traefik-exposure': 241,
  'traefik-drain': 225,
  pods: 177,
  'traefik-proxy-protocol': 169,
  traefik: 151,
  'pod-router': 146,
  up: 143,
  admission: 139,
  'web-servers': 138,
  judges: 138,
  'nginx-by-traefik': 132,
  'network/loadbalancer': 127,
  nginx: 125,
  'traefik-streams': 110,
  'controllers/catalog-faults': 98,
  'traefik-certificates': 92,
  docs: 87,
  'controllers/router-sources': 84,
  'controllers/router-nginx-lifecycle': 84,
  catalog: 84,
  'traefik-guards': 74,
  acceptance: 67,
  'controllers/loop': 66,
  'up-stacks': 65,
  tutorial: 65,
  'traefik-attacks': 61,
};

/** How many suites run side by side at the most, each on a cluster of its own. */
export const workers = Number(process.env.E2E_WORKERS ?? '4');

/** What the suites of each group may take together, in seconds: a run that exceeds it says so. */
export const budgets: Readonly<Record<string, number>> = { 'side by side': 5_400, alone: 480 };

/** Suites that measure times or look at the whole machine: they run last, one after the other. */
export const alone: readonly string[] = [
  'test/e2e/cluster/life.test.ts',
  'test/e2e/cluster/security.test.ts',
  'test/e2e/controllers/loop-lease.test.ts',
  'test/e2e/controllers/router/attacks.test.ts',
  'test/e2e/controllers/router/faults.test.ts',
  'test/e2e/controllers/router/outage.test.ts',
];

/** The part of a suite's path that names it: `network/loadbalancer`. */
export function suiteName(path: string): string {
  return path.replace(/^.*test\/e2e\//, '').replace(/\.test\.ts$/, '');
}

/** Begins with the suites that take longest. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const expected = ({ moduleId }: TestSpecification) => seconds[suiteName(moduleId)] ?? 60;
    return files.toSorted((a, b) => expected(b) - expected(a) || (a.moduleId < b.moduleId ? -1 : 1));
  }
}
