import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * About how long each suite takes beside another one on two cores, in seconds. The longest ones begin first, so that no
 * worker is left alone with one at the end; a run that exceeds the budget of its group says so. A suite without a number
 * counts as 60 s.
 */
const seconds: Readonly<Record<string, number>> = {
  'network/loadbalancer': 217,
  'internal-edge': 182,
  'traefik-exposure': 172,
  pods: 159,
  'traefik-drain': 157,
  'traefik-proxy-protocol': 145,
  'pod-router': 145,
  'nginx-by-traefik': 117,
  nginx: 110,
  admission: 108,
  'traefik-streams': 107,
  'cluster/life': 105,
  'web-servers': 101,
  'seed-two': 99,
};

/** Suites that measure times or look at the whole machine: they run last, one after the other. */
export const alone: readonly string[] = [
  'test/e2e/cluster/life.test.ts',
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
