import type { Reporter, TestModule } from 'vitest/node';

/** Ends a run with its slowest suites and the total of each project, so that growth is seen before it hurts. */
export class SlowestSuites implements Reporter {
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
      ...[...totals].map(([project, ms]) => `  ${inSeconds(ms)}  total of ${project}`),
      '',
    ];
    process.stdout.write(lines.join('\n'));
  }
}

function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(0).padStart(5)} s`;
}
