import type { z } from 'zod';
import { formatPath, type Path } from './path.ts';
import type { Place } from './problem.ts';
import type { appSchema, edgeRoutesSchema } from './schema/app.ts';
import type { environmentSchema } from './schema/environment.ts';

/** Where a definition was read from. */
export interface Origin {
  readonly file: string;
  /** Line and column (from 1) of a value, or of the field that names it; undefined when the text has no such place. */
  positionOf(path: Path): Position | undefined;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** An app that keeps to the form and to every rule that one definition can break alone. */
export type ParsedApp = z.output<typeof appSchema>;
export type ParsedEdgeRoutes = z.output<typeof edgeRoutesSchema>;
export type ParsedEnvironment = z.output<typeof environmentSchema>;
export type ParsedRoute = NonNullable<ParsedApp['routes']>[number];
export type ParsedProtection = NonNullable<ParsedApp['protection']>;

/** What `parse` gives back: the fields, and how to name places in them. */
export type ParsedDefinition =
  | { readonly kind: 'App'; readonly value: ParsedApp; readonly subject: string; readonly origin?: Origin }
  | {
      readonly kind: 'EdgeRoutes';
      readonly value: ParsedEdgeRoutes;
      readonly subject: string;
      readonly origin?: Origin;
    };

/** The place of a value in a parsed definition, for problems and losses found later. */
export function placeIn(definition: Pick<ParsedDefinition, 'subject' | 'origin'>, path: Path): Place {
  return placeAt(definition.subject, definition.origin, path);
}

/** As `placeIn`, before there is a definition. The nearest place that the text has stands for one it lacks. */
export function placeAt(subject: string, origin: Origin | undefined, path: Path): Place {
  const place = { subject, path: formatPath(path) };
  if (origin === undefined) return place;
  for (let length = path.length; length >= 0; length -= 1) {
    const position = origin.positionOf(path.slice(0, length));
    if (position !== undefined) return { ...place, source: { file: origin.file, ...position } };
  }
  return { ...place, source: { file: origin.file, line: 1, column: 1 } };
}
