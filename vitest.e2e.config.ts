import { defineConfig } from 'vitest/config';
import { ClosingLine } from './test/closing-line.ts';

/**
 * The suites that run against the embedded cluster, one file after the other: they share one machine,
 * one cluster and its addresses.
 */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    globalSetup: ['test/e2e/cluster.ts'],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 1_800_000,
    reporters: ['default', new ClosingLine({ skipIsFailure: process.env.CI === 'true' })],
  },
});
