import { defineConfig } from 'vitest/config';
import { ClosingLine } from './test/closing-line.ts';

/** A poll without a time of its own waits for one second by default, for which a busy machine may well stand still. */
const timeouts = { testTimeout: 180_000, hookTimeout: 1_800_000, expect: { poll: { timeout: 60_000 } } };

/**
 * Two groups of suites in one run, one file after the other: they share one machine. Those of the controllers start
 * an API server of their own and need no cluster, so that one of them alone runs at once.
 */
export default defineConfig({
  test: {
    fileParallelism: false,
    reporters: ['default', new ClosingLine({ skipIsFailure: process.env.CI === 'true' })],
    projects: [
      {
        test: {
          ...timeouts,
          name: 'controllers',
          sequence: { groupOrder: 0 },
          include: ['test/e2e/controllers/**/*.test.ts'],
          globalSetup: ['test/e2e/controllers/packages.ts'],
        },
      },
      {
        test: {
          ...timeouts,
          name: 'cluster',
          sequence: { groupOrder: 1 },
          include: ['test/e2e/**/*.test.ts'],
          exclude: ['test/e2e/controllers/**'],
          globalSetup: ['test/e2e/cluster.ts'],
        },
      },
    ],
  },
});
