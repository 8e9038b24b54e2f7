import type { Reporter, TestModule } from 'vitest/node';

/**
 * Ends a run with one plain line that any CI can read: `12 passed, 0 failed, 0 skipped`.
 *
 * Under CI a skipped end-to-end test is a failure: there the cluster must be had, so a skip hides a claim that
 * nobody checked.
 */
export class ClosingLine implements Reporter {
  readonly #skipIsFailure: boolean;

  constructor(options: { readonly skipIsFailure: boolean }) {
    this.#skipIsFailure = options.skipIsFailure;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) count.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') count.passed += 1;
        else if (state === 'failed') count.failed += 1;
        else count.skipped += 1;
      }
    }
    if (this.#skipIsFailure && count.skipped > 0) {
      process.stdout.write(`${count.skipped} end-to-end tests were skipped; under CI that is a failure\n`);
      count.failed += count.skipped;
      count.skipped = 0;
      process.exitCode = 1;
    }
    process.stdout.write(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
  }
}
