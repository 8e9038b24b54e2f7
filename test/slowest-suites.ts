import type { Reporter, TestModule } from 'vitest/node';

/**
 * Ends a run with its slowest suites and the total of each project, so that growth is seen before it hurts. A project
 * whose suites took longer together than its budget, in seconds, is named.
 */
export class SlowestSuites implements Reporter {
  constructor(private readonly budgets: Readonly<Record<string, number>>) {}

  onTestRunEnd(modules: readonly TestModule[]): void {
    const suites = modules.map((module) => {
      const { duration, collectDuration, setupDuration } = module.diagnostic();
      return {
        name: module.relativeModuleId,
        project: module.project.name,
        ms: duration + collectDuration + setupDuration,
      };
    });
    const slowest = suites.toSorted((a, b) => b.ms - a.ms).slice(0, 10);
    const totals = new Map<string, number>();
    for (const { project, ms } of suites) totals.set(project, (totals.get(project) ?? 0) + ms);
    const lines = [
      'slowest suites',
      ...slowest.map(({ name, ms }) => `  ${inSeconds(ms)}  ${name}`),
      ...[...totals].map(([project, ms]) => `  ${inSeconds(ms)}  total of ${project}${this.#excess(project, ms)}`),
      '',
    ];
    process.stdout.write(lines.join('\n'));
  }

  #excess(project: string, ms: number): string {
    const budget = this.budgets[project];
    return budget === undefined || ms <= budget * 1000 ? '' : `, more than its budget of ${budget} s`;
  }
}

function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(0).padStart(5)} s`;
}
