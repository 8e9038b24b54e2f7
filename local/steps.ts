/** One thing that `up` brings about. */
export interface Step {
  readonly name: string;
  /** Names of the steps that must be over before. They run at once otherwise. */
  readonly needs: readonly string[];
  /** Whether there is nothing to do. Quick, and without effects. */
  done(): Promise<boolean>;
  /** Does what is missing. Safe to repeat after it was cut off at any point. */
  run(): Promise<void>;
}

/** Steps that cannot be put in an order: a need that is nobody's name, or a circle. */
export function orderProblems(steps: readonly Step[]): readonly string[] {
  const names = new Set(steps.map((step) => step.name));
  const unknown = steps.flatMap((step) =>
    step.needs.filter((need) => !names.has(need)).map((need) => `step ${step.name} needs ${need}, which is no step`),
  );
  const settled = new Set<string>();
  let left = steps;
  for (;;) {
    const ready = left.filter((step) => step.needs.every((need) => settled.has(need) || !names.has(need)));
    if (ready.length === 0) break;
    for (const step of ready) settled.add(step.name);
    left = left.filter((step) => !settled.has(step.name));
  }
  return left.length === 0 ? unknown : [...unknown, `steps in a circle: ${left.map((step) => step.name).join(', ')}`];
}

/** How steps are run: progress and interruption belong to the caller. */
export interface StepRunner {
  around(step: Step, work: () => Promise<void>): Promise<void>;
  readonly signal: AbortSignal;
  /** Called on the first failure, so that what runs beside it stops waiting. */
  abort(reason: unknown): void;
}

/**
 * Runs every step that is not done, each as soon as those it needs are over.
 * Rejects with the first failure, when no step is running any more; steps that need a failed one do not start.
 */
export async function runSteps(steps: readonly Step[], runner: StepRunner): Promise<void> {
  const problems = orderProblems(steps);
  if (problems.length > 0) throw new Error(problems.join('; '));
  const over = new Map<string, Promise<void>>();
  const start = async (step: Step) => {
    await Promise.all(step.needs.map((need) => over.get(need)));
    runner.signal.throwIfAborted();
    if (!(await step.done())) await runner.around(step, () => step.run());
  };
  let first: { readonly reason: unknown } | undefined;
  const begin = (step: Step) =>
    Promise.resolve()
      .then(() => start(step))
      .catch((reason: unknown) => {
        if (!first) runner.abort(reason);
        first ??= { reason };
        throw reason;
      });
  for (const step of steps) over.set(step.name, begin(step));
  await Promise.allSettled(over.values());
  if (first) throw first.reason;
}
