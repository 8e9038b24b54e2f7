import { type ParsedDefinition, type ParsedEnvironment, placeIn } from '../../model/definition.ts';
import type { Path } from '../../model/path.ts';
import type { Place } from '../../model/problem.ts';
import { overlayOf, placeInOverlay } from './definition.ts';
import { definitionIn } from './overlay.ts';

/** Which layer decided a value, and where. A `default` has no place: it is in `defaults.ts`. */
export type ValueOrigin =
  | { readonly layer: 'configuration' | 'overlay' | 'definition' | 'environment'; readonly at: Place }
  | { readonly layer: 'default' };

/** Fields of an app and of a route that fall back to a field of the environment of the same name. */
const appInherits: ReadonlySet<string> = new Set(['protection', 'namespace']);
const routeInherits: ReadonlySet<string> = new Set(['protection', 'tls', 'dns']);

/** Tells where the value at `path` of a definition comes from in an environment. `definition` is the one as written. */
export function explainValue(environment: ParsedEnvironment, definition: ParsedDefinition, path: Path): ValueOrigin {
  const seen = definitionIn(environment, definition);
  const own = (at: Path): ValueOrigin | null => {
    const overlay = overlayOf(seen, at);
    if (overlay !== undefined) return { layer: overlay.layer, at: placeInOverlay(overlay, at) };
    return has(definition.value, at) ? { layer: 'definition', at: placeIn(definition, at) } : null;
  };
  const written = own(path);
  if (written !== null) return written;
  const field = inheritedField(path);
  if (field === null) return { layer: 'default' };
  const ofApp = field === 'protection' && path[0] === 'routes' ? own(['protection']) : null;
  if (ofApp !== null) return ofApp;
  if (!has(environment, [field])) return { layer: 'default' };
  return { layer: 'environment', at: placeIn({ subject: `environment ${environment.name}` }, [field]) };
}

function inheritedField(path: Path): string | null {
  const [first, , third] = path;
  if (typeof first === 'string' && appInherits.has(first)) return first;
  return first === 'routes' && typeof third === 'string' && routeInherits.has(third) ? third : null;
}

function has(value: unknown, path: Path): boolean {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return false;
    at = (at as Readonly<Record<string | number, unknown>>)[step];
  }
  return at !== undefined;
}
