import { RunError } from '@pulumi/pulumi';
import { formatProblem, type Loss, type Problem } from '../model/problem.ts';

/** One error that shows every problem and every loss that nobody accepted; Pulumi prints it without a stack. */
export function problemsError(problems: readonly Problem[], losses: readonly Loss[] = []): RunError {
  const lines = [
    ...problems.map(formatProblem),
    ...losses.map(
      ({ name, at, asked, instead, fix }) =>
        `${at.subject}, ${at.path}: ${name}: asked for ${asked}, this edge would ${instead}. ${fix}`,
    ),
  ];
  const count = lines.length === 1 ? '1 problem' : `${lines.length} problems`;
  return new RunError(`${count}; nothing was registered:\n${lines.join('\n')}`);
}
