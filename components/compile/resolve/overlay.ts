import { apiVersion } from '../../model/define.ts';
import { type ParsedDefinition, type ParsedEnvironment, placeIn } from '../../model/definition.ts';
import { parseDefinition } from '../../model/parse.ts';
import type { Path } from '../../model/path.ts';
import type { Problem } from '../../model/problem.ts';
import { type Definition, type Overlay, placeInOverlay, quote } from './definition.ts';
import { didYouMean, oneOf } from './suggestion.ts';

/**
 * Fields of which exactly one form may stand: merging two forms would mean neither, so an overlay replaces them whole.
 * Entries of the maps below are such fields too.
 */
const replacedWhole = new Set(['protection', 'disruption', 'readiness', 'check', 'tls', 'rewrite', 'redirect', 'hsts']);
const mapsOfChoices = new Set(['env', 'files', 'volumes', 'ports', 'mounts']);

/** Every definition with its overlays merged into it, read again so that the form still holds. */
export function applyOverlays(
  environment: ParsedEnvironment,
  definitions: readonly ParsedDefinition[],
  problems: Problem[],
): readonly Definition[] {
  const used = new Set<string>();
  const all = definitions.map((parsed) => {
    const definition = definitionIn(environment, parsed);
    for (const { subject, under } of definition.overlays) used.add(placeKey(subject, under));
    return definition.overlays.reduce((below, overlay) => overlaid(below, overlay, problems), definition);
  });
  reportUnused(environment, used, all, problems);
  return all;
}

/** A definition with its namespace and its overlays, before they are merged. */
export function definitionIn(environment: ParsedEnvironment, parsed: ParsedDefinition): Definition {
  const namespace = parsed.value.namespace ?? environment.namespace;
  const { name } = parsed.value;
  const overlays = layersOf(environment).flatMap((layer) => overlayIn(layer, namespace, name) ?? []);
  const subject = `${parsed.kind === 'App' ? 'app' : 'routes'} ${namespace}/${name}`;
  return { parsed: { ...parsed, subject }, name, namespace, key: `${namespace}/${name}`, overlays };
}

/** Overlays that stand in one place, by the name of an app. */
interface Layer extends Pick<Overlay, 'layer' | 'subject' | 'under'> {
  readonly overlays: NonNullable<ParsedEnvironment['overlays']>;
}

/** From the lowest to the uppermost. */
function layersOf({ name, overlays = {}, configuredOverlays = [] }: ParsedEnvironment): readonly Layer[] {
  return [
    { layer: 'overlay', subject: `environment ${name}`, under: ['overlays'], overlays },
    ...configuredOverlays.map(
      ({ file, overlays: configured }): Layer => ({
        layer: 'configuration',
        subject: file,
        under: ['config', 'edgeplane:overlays'],
        overlays: configured,
      }),
    ),
  ];
}

/** `shop/cart` stands over `cart`. */
function overlayIn({ overlays, ...layer }: Layer, namespace: string, name: string): Overlay | undefined {
  const key = [`${namespace}/${name}`, name].find((one) => Object.hasOwn(overlays, one));
  const fields = key === undefined ? undefined : overlays[key];
  return key === undefined || fields === undefined ? undefined : { ...layer, under: [...layer.under, key], fields };
}

const placeKey = (subject: string, under: Path) => JSON.stringify([subject, ...under]);

function overlaid(definition: Definition, overlay: Overlay, problems: Problem[]): Definition {
  const { parsed } = definition;
  const under = placeInOverlay(overlay, []);
  const at = (path: string) => ({
    ...under,
    path: `${under.path}${path === '' || path.startsWith('[') ? path : `.${path}`}`,
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
  const names = new Set(all.map(({ name }) => name));
  for (const { subject, under, overlays } of layersOf(environment))
    for (const key of Object.keys(overlays))
      if (!used.has(placeKey(subject, [...under, key])))
        problems.push({
          code: 'unknown-app',
          at: placeIn({ subject }, [...under, key]),
          found: `an overlay for ${quote(key)}`,
          expected: `the name of an app, ${oneOf(names)}`,
          fix: `Name an app that is defined, or take the overlay away.${didYouMean(key, names)}`,
        });
}
