import { defineConfig } from 'vitest/config';
import { ClosingLine } from './test/closing-line.ts';
import { alone, budgets, LongestFirst, workers } from './test/e2e/suites.ts';
import { SlowestSuites } from './test/slowest-suites.ts';

/** A poll without a time of its own waits for one second by default, for which a busy machine may well stand still. */
const shared = {
  testTimeout: 180_000,
  hookTimeout: 1_800_000,
  expect: { poll: { timeout: 60_000 } },
  globalSetup: ['test/e2e/cluster.ts'],
  setupFiles: ['test/seed.ts'],
};

/**
 * Two groups of suites in one run. Most of them wait more than they compute, so that several run side by side, each on
 * a cluster of its own. Those that measure times, or look at the whole machine, run last, one after the other.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    reporters: ['default', new SlowestSuites(budgets), new ClosingLine({ skipIsFailure: process.env.CI === 'true' })],
    projects: [
      {
        test: {
          ...shared,
          name: 'side by side',
          include: ['test/e2e/**/*.test.ts'],
          exclude: [...alone],
          sequence: { groupOrder: 0 },
          maxWorkers: workers,
        },
      },
      {
        test: {
          ...shared,
          name: 'alone',
          include: [...alone],
          sequence: { groupOrder: 1 },
          fileParallelism: false,
          maxWorkers: 1,
        },
      },
    ],
  },
});
