import { apiVersion } from '../../model/define.ts';
import type { ParsedDefinition, ParsedEnvironment } from '../../model/definition.ts';
import { parseDefinition } from '../../model/parse.ts';
import type { Problem } from '../../model/problem.ts';
import { type Definition, type Overlay, quote, reportOnEnvironment } from './definition.ts';
import { didYouMean, oneOf } from './suggestion.ts';

/**
 * Fields of which exactly one form may stand: merging two forms would mean neither, so an overlay replaces them whole.
 * Entries of the maps below are such fields too.
 */
const replacedWhole = new Set(['protection', 'disruption', 'readiness', 'check', 'tls', 'rewrite', 'redirect', 'hsts']);
const mapsOfChoices = new Set(['env', 'files', 'volumes', 'ports', 'mounts']);

/** Every definition with the environment's overlay merged into it, read again so that the form still holds. */
export function applyOverlays(
  environment: ParsedEnvironment,
  definitions: readonly ParsedDefinition[],
  problems: Problem[],
): readonly Definition[] {
  const used = new Set<string>();
  const all = definitions.map((parsed) => {
    const definition = definitionIn(environment, parsed);
    if (definition.overlay === null) return definition;
    used.add(definition.overlay.under);
    return overlaid(definition, definition.overlay, problems);
  });
  reportUnused(environment, used, all, problems);
  return all;
}

/** A definition with its namespace and its overlay, before the two are merged. */
export function definitionIn(environment: ParsedEnvironment, parsed: ParsedDefinition): Definition {
  const namespace = parsed.value.namespace ?? environment.namespace;
  const { name } = parsed.value;
  const overlay = overlayFor(environment, namespace, name);
  const subject = `${parsed.kind === 'App' ? 'app' : 'routes'} ${namespace}/${name}`;
  return { parsed: { ...parsed, subject }, name, namespace, key: `${namespace}/${name}`, overlay };
}

/** `shop/cart` stands over `cart`. */
function overlayFor(environment: ParsedEnvironment, namespace: string, name: string): Overlay | null {
  const { overlays } = environment;
  if (overlays === undefined) return null;
  const under = [`${namespace}/${name}`, name].find((key) => Object.hasOwn(overlays, key));
  const fields = under === undefined ? undefined : overlays[under];
  return under === undefined || fields === undefined ? null : { environment: environment.name, under, fields };
}

function overlaid(definition: Definition, overlay: Overlay, problems: Problem[]): Definition {
  const { parsed } = definition;
  const at = (path: string) => ({
    subject: `environment ${overlay.environment}`,
    path: `overlays.${overlay.under}${path === '' || path.startsWith('[') ? path : `.${path}`}`,
  });
  for (const field of ['name', 'namespace', 'kind', 'apiVersion'].filter((key) => Object.hasOwn(overlay.fields, key)))
    problems.push({
      code: 'overlay-identity',
      at: at(field),
      found: quote(overlay.fields[field]),
      expected: 'fields other than name, namespace, kind and apiVersion',
      fix: 'An overlay changes an app; write a definition of its own for another app.',
    });
  const merged = merge(parsed.value, overlay.fields, false) as Record<string, unknown>;
  const again = parseDefinition({ apiVersion, kind: parsed.kind, ...merged }, parsed.origin);
  if (again.ok) return { ...definition, parsed: { ...again.value, subject: parsed.subject } };
  for (const problem of again.problems) problems.push({ ...problem, at: at(problem.at.path) });
  return definition;
}

/** Objects are merged field by field, lists and single values replaced; null takes a field away. */
function merge(below: unknown, above: unknown, ofChoices: boolean): unknown {
  if (!isRecord(below) || !isRecord(above)) return above;
  const result: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    if (value === null) delete result[key];
    else if (ofChoices || replacedWhole.has(key)) result[key] = value;
    else result[key] = merge(below[key], value, mapsOfChoices.has(key));
  }
  return result;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function reportUnused(
  environment: ParsedEnvironment,
  used: ReadonlySet<string>,
  all: readonly Definition[],
  problems: Problem[],
): void {
  const unused = Object.keys(environment.overlays ?? {}).filter((key) => !used.has(key));
  if (unused.length === 0) return;
  const names = new Set(all.map(({ name }) => name));
  const report = reportOnEnvironment(environment, problems);
  for (const key of unused)
    report(['overlays', key], 'unknown-app', {
      found: `an overlay for ${quote(key)}`,
      expected: `the name of an app, ${oneOf(names)}`,
      fix: `Name an app that is defined, or take the overlay away.${didYouMean(key, names)}`,
    });
}
