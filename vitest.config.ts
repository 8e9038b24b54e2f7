import { defineConfig } from 'vitest/config';
import { ClosingLine } from './test/closing-line.ts';

/** The suites that need neither root nor a cluster; `vitest.e2e.config.ts` holds the others. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'node_modules/**'],
    setupFiles: ['test/seed.ts'],
    testTimeout: 60_000,
    // By default one core is kept free, which of two is half.
    maxWorkers: '100%',
    reporters: ['default', new ClosingLine({ skipIsFailure: false })],
  },
});
