import { type ParsedDefinition, type ParsedEnvironment, placeIn } from '../../model/definition.ts';
import type { Path } from '../../model/path.ts';
import type { Place, Problem } from '../../model/problem.ts';

/** One definition as this environment sees it: overlays merged, namespace known. */
export interface Definition {
  readonly parsed: ParsedDefinition;
  readonly name: string;
  readonly namespace: string;
  /** `namespace/name`. */
  readonly key: string;
  /** Changes to it, each over those before. */
  readonly overlays: readonly Overlay[];
}

/** Changes to one definition, and where they stand. */
export interface Overlay {
  /** `overlay`: the environment's own. `configuration`: a file of configuration. */
  readonly layer: 'overlay' | 'configuration';
  readonly subject: string;
  /** The way to the fields in what `subject` names. */
  readonly under: Path;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Takes a problem with its path in one definition. */
export type Report = (
  path: Path,
  code: string,
  text: { readonly found: string; readonly expected: string; readonly fix: string },
) => void;

/** Problems of one definition go to `problems`, placed where their author wrote the value. */
export function reportOn(definition: Definition, problems: Problem[]): Report {
  return (path, code, text) => {
    problems.push({ code, at: placeOf(definition, path), ...text });
  };
}

/** Problems of the environment itself. */
export function reportOnEnvironment(environment: ParsedEnvironment, problems: Problem[]): Report {
  return (path, code, text) => {
    problems.push({ code, at: placeIn({ subject: `environment ${environment.name}` }, path), ...text });
  };
}

/** The place of a value: in the uppermost overlay that set it, else in the definition. */
export function placeOf(definition: Definition, path: Path): Place {
  const overlay = path.length === 0 ? undefined : overlayOf(definition, path);
  return overlay === undefined ? placeIn(definition.parsed, path) : placeInOverlay(overlay, path);
}

/** The overlay that decides the value at `path`; undefined where none does. */
export function overlayOf({ overlays }: Pick<Definition, 'overlays'>, path: Path): Overlay | undefined {
  return overlays.findLast(({ fields }) => isSet(fields, path));
}

export function placeInOverlay({ subject, under }: Overlay, path: Path): Place {
  return placeIn({ subject }, [...under, ...path]);
}

/** Whether an overlay decides the value at `path`: it has the value itself, or replaced something above it. */
function isSet(fields: unknown, path: Path): boolean {
  let value = fields;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return true;
    if (!Object.hasOwn(value, step)) return Array.isArray(value);
    value = (value as Record<string | number, unknown>)[step];
  }
  return true;
}

/** As in an error text: quoted, shortened. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= 120 ? text : `${text.slice(0, 117)}...`;
}
