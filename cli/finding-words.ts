import type { Loss, Place, Problem } from '../components/model/problem.ts';

/** What stands between an environment and its objects. */
export interface Findings {
  readonly problems: readonly Problem[];
  /** Those that the environment does not accept. */
  readonly losses: readonly Loss[];
  /** What existing objects say beyond their routes; nothing has to be mended for it. Absent where none were read. */
  readonly notes?: readonly Problem[];
}

/** One line a person can act on, as `formatProblem` gives for a problem. */
export function formatLoss(loss: Loss): string {
  return `${formatPlace(loss.at)}: asked for ${loss.asked}, this edge would ${loss.instead}. ${loss.fix}`;
}

/** A place as it stands in every line: file, line and column first where there are any. */
export function formatPlace({ subject, path, source }: Place): string {
  const place = path === '' ? subject : `${subject}, ${path}`;
  return source === undefined ? place : `${source.file}:${source.line}:${source.column}: ${place}`;
}
