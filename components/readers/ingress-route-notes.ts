import { fileObject } from '../dialects/traefik-own.ts';
import type { Path } from '../model/path.ts';
import { type KnownObjects, missingAuth, missingReference, missingServices } from './known-objects.ts';
import { at, type FoundObject, type Note, type NoteText, noteAt, textAt } from './kube-object.ts';
import { routerFields, serviceFields, tlsFields } from './tables/traefik-objects.ts';
import type { Layer } from './traefik-layers.ts';
import type { Effects } from './traefik-middlewares.ts';
import type { ServiceReference } from './traefik-service.ts';
import { tlsOptionNotes } from './traefik-tls.ts';
import { entryDoubts, fieldDoubts } from './unread-fields.ts';

/** One route of an object, below a layer. */
export interface Written {
  readonly object: FoundObject;
  readonly entry: unknown;
  readonly path: Path;
  readonly known: KnownObjects;
  readonly layer: Layer;
}

/** Everything there is to tell of one route but what its rule says. */
export function routerNotes(
  { object, entry, path, known, layer }: Written,
  effects: Effects,
  services: readonly ServiceReference[],
): readonly Note[] {
  const named = services.filter((service) => service.kind === 'Service' && !isUnavailable(service));
  const ids = named.map(({ id }) => id);
  const inside = (id: string) => id.startsWith(`${object.namespace}/`);
  const at = (name: string): Path => [...path, name];
  return [
    ...fieldDoubts(object, path, routerFields),
    ...entryDoubts(object, at('services'), serviceFields),
    ...syntaxDoubt(object, entry, path),
    ...effects.missing.map((name) => missingReference(object, at('middlewares'), name, leftOut)),
    ...effects.notes.map(({ severity, ...note }) => noteAt(object, at('middlewares'), note, severity)),
    ...missingServices(ids, known, object, at('services')),
    ...missingAuth(effects.protection, known, object, path),
    ...ids.filter((id) => !inside(id)).map((id) => noteAt(object, at('services'), outside(id), 'doubt')),
    ...services
      .flatMap(({ notes }) => notes)
      .map(({ severity, ...note }) => noteAt(object, at('services'), note, severity)),
    ...tlsNotes(layer.door ?? object, known),
  ];
}

function syntaxDoubt(object: FoundObject, entry: unknown, path: Path): readonly Note[] {
  const syntax = textAt(entry, 'syntax');
  if (syntax === '' || syntax === 'v3') return [];
  return [noteAt(object, [...path, 'syntax'], unreadable(textAt(entry, 'match'), 'a rule of Traefik 3'), 'doubt')];
}

function tlsNotes(object: FoundObject, known: KnownObjects): readonly Note[] {
  const tls = at(object.body, 'spec', 'tls');
  if (tls === undefined) return [];
  const name = textAt(tls, 'options', 'name');
  const namespace = textAt(tls, 'options', 'namespace') || object.namespace;
  const reference = name === '' ? undefined : { namespace, name };
  return [...fieldDoubts(object, ['spec', 'tls'], tlsFields), ...tlsOptionNotes(object, reference, known)];
}

function outside(id: string): NoteText {
  return {
    code: 'foreign-namespace',
    found: `the Service ${id} of another namespace`,
    expected: 'a Service in the namespace of the route',
    fix: 'Look whether Traefik runs with allowCrossNamespace: without it this router is left out.',
  };
}

const leftOut = 'Traefik leaves this router out, and a broader one may answer without the protection that it names.';

/** A rule that Traefik serves nothing by. */
export function unreadable(text: string, expected: string): NoteText {
  const found = `the rule ${JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text)}`;
  return { code: 'unreadable-rule', found, expected, fix: 'Mend the rule: Traefik serves nothing by it.' };
}

/** A service that never answers but with an error: what stands behind guards and redirects. */
export function isUnavailable({ id, managed }: ServiceReference): boolean {
  const name = id.slice(id.indexOf('/') + 1);
  return (
    name === `${fileObject.unavailable}@file` || name === 'noop@internal' || (managed && name.endsWith('-unavailable'))
  );
}
