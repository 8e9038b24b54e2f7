import type { Loss, Place, Problem } from '../components/model/problem.ts';

/** A rule that an object breaks. */
export interface PolicyFinding {
  /** Id of the rule. */
  readonly rule: string;
  readonly severity: 'low' | 'medium' | 'high' | 'critical';
  readonly at: Place;
  readonly found: string;
  readonly expected: string;
  readonly fix: string;
  readonly title: string;
  readonly reason: string;
  readonly link: string;
  readonly standard: { readonly name: string; readonly id: string } | null;
  /** Why it is lived with; absent: it is not. */
  readonly exemption?: { readonly owner: string; readonly reason: string; readonly until: string };
}

/** What stands between an environment and its objects. */
export interface Findings {
  readonly problems: readonly Problem[];
  /** Those that the environment does not accept. */
  readonly losses: readonly Loss[];
  /** Rules that objects break. Absent where no objects were judged. */
  readonly violations?: readonly PolicyFinding[];
  /** Rules of which nobody can say whether objects break them. */
  readonly notEvaluable?: readonly PolicyFinding[];
  readonly exempted?: readonly PolicyFinding[];
  /** What keeps a reader from saying who may pass. Absent where no existing objects were read. */
  readonly doubts?: readonly Problem[];
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
