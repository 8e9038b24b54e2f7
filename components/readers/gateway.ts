import type { Path } from '../model/path.ts';
import { type KnownObjects, missingReference } from './known-objects.ts';
import { at, type FoundObject, listAt, type Note, noteAt, textAt, textsAt } from './kube-object.ts';
import type { ReadRoute } from './read-route.ts';

/** A host that a route has on the listeners it is attached to, and how clients reach it there. */
export interface Door {
  /** As DNS writes it; empty for every host. */
  readonly host: string;
  readonly schemes: ReadRoute['schemes'];
  readonly tls: ReadRoute['tls'];
}

interface Doors {
  readonly doors: readonly Door[];
  readonly notes: readonly Note[];
}

/**
 * The doors of an HTTPRoute: its hosts, cut to those of the listeners that it is attached to. Where a Gateway is not
 * among the objects its listeners are unknown, which is told, and the route's own hosts stand.
 */
export function doorsOf(object: FoundObject, known: KnownObjects): Doors {
  const written = textsAt(object.body, 'spec', 'hostnames');
  const hosts = written.length === 0 ? [''] : written;
  const parents = listAt(object.body, 'spec', 'parentRefs');
  if (parents.length === 0) return { doors: hosts.map((host) => unread(host, [])), notes: [] };
  const found = parents.map((parent, index) => doorsAt(object, parent, ['spec', 'parentRefs', index], hosts, known));
  return { doors: merged(found.flatMap(({ doors }) => doors)), notes: found.flatMap(({ notes }) => notes) };
}

function doorsAt(
  object: FoundObject,
  parent: unknown,
  path: Path,
  hosts: readonly string[],
  known: KnownObjects,
): Doors {
  const [kind, section] = [textAt(parent, 'kind') || 'Gateway', textAt(parent, 'sectionName')];
  const id = `${textAt(parent, 'namespace') || object.namespace}/${textAt(parent, 'name')}`;
  const gateway = kind === 'Gateway' ? known.gateways.get(id) : undefined;
  if (gateway === undefined) {
    const lost = `${kind} ${id}`;
    const note =
      known.complete && kind === 'Gateway'
        ? missingReference(object, path, lost, 'Nobody serves this route without it.')
        : noteAt(object, path, unreadGateway(lost));
    return { doors: hosts.map((host) => unread(host, [section])), notes: [note] };
  }
  const port = textAt(parent, 'port');
  const listeners = listAt(gateway.body, 'spec', 'listeners').filter(
    (listener) =>
      (section === '' || textAt(listener, 'name') === section) &&
      (port === '' || textAt(listener, 'port') === port) &&
      ['HTTP', 'HTTPS'].includes(textAt(listener, 'protocol')),
  );
  const open = listeners.filter((listener) => admits(listener, gateway, object));
  const doors = open.flatMap((listener) => hosts.flatMap((host) => doorAt(listener, host)));
  const selected = open.some((listener) => fromOf(listener) === 'Selector');
  return {
    doors,
    notes: [
      ...(doors.length === 0 ? [noteAt(object, path, unattached(id, listeners.length > open.length), 'error')] : []),
      ...(selected ? [noteAt(object, path, bySelector(id))] : []),
    ],
  };
}

function doorAt(listener: unknown, host: string): readonly Door[] {
  const shared = sharedHost(host, textAt(listener, 'hostname'));
  if (shared === null) return [];
  if (textAt(listener, 'protocol') === 'HTTP') return [{ host: shared, schemes: ['http'], tls: { kind: 'off' } }];
  const secret = textAt(listAt(listener, 'tls', 'certificateRefs')[0], 'name');
  const tls = secret === '' ? ({ kind: 'default' } as const) : ({ kind: 'secret', name: secret } as const);
  return [{ host: shared, schemes: ['https'], tls }];
}

/** Whose routes a listener takes: those of the Gateway's own namespace unless it says otherwise. */
function fromOf(listener: unknown): string {
  return textAt(listener, 'allowedRoutes', 'namespaces', 'from') || 'Same';
}

function admits(listener: unknown, gateway: FoundObject, { namespace }: FoundObject): boolean {
  const kinds = listAt(listener, 'allowedRoutes', 'kinds');
  const ofKind = kinds.length === 0 || kinds.some((entry) => at(entry, 'kind') === 'HTTPRoute');
  return ofKind && (fromOf(listener) !== 'Same' || gateway.namespace === namespace);
}

/** The hosts that are both; a wildcard of a Gateway stands for any number of labels. null: none. */
export function sharedHost(one: string, other: string): string | null {
  if (one === '' || one === other) return other;
  if (other === '') return one;
  if (isBelow(one, other)) return one;
  return isBelow(other, one) ? other : null;
}

function isBelow(host: string, wildcard: string): boolean {
  if (!wildcard.startsWith('*.')) return false;
  const name = host.startsWith('*.') ? host.slice(1) : host;
  return name.endsWith(wildcard.slice(1)) && name !== wildcard.slice(1);
}

/** One door for each host: what several listeners serve is served by each of their schemes. */
function merged(doors: readonly Door[]): readonly Door[] {
  const byHost = new Map<string, Door>();
  for (const door of doors) {
    const before = byHost.get(door.host);
    const schemes = (['http', 'https'] as const).filter((scheme) =>
      [door, before].some((each) => each?.schemes.includes(scheme)),
    );
    const tls = before === undefined || before.tls.kind === 'off' ? door.tls : before.tls;
    byHost.set(door.host, { host: door.host, schemes, tls });
  }
  return [...byHost.values()];
}

/** Without its Gateway a route tells its schemes by the names of the listeners alone, where it names them. */
function unread(host: string, sections: readonly string[]): Door {
  const secure = sections.map((name) => /secure|https|tls/i.test(name));
  const named = sections.length > 0 && sections.every((name) => name !== '');
  const schemes: ReadRoute['schemes'] =
    named && secure.every(Boolean) ? ['https'] : named && !secure.some(Boolean) ? ['http'] : ['http', 'https'];
  return { host, schemes, tls: { kind: 'default' } };
}

function unreadGateway(name: string) {
  return {
    code: 'unread-gateway',
    found: `${name}, which is not among these objects`,
    expected: 'the Gateway, whose listeners say which hosts it serves and by which scheme',
    fix: 'Read the file that has it too: its listeners may leave out hosts that are told here.',
  };
}

function unattached(id: string, refused: boolean) {
  return {
    code: 'unattached-route',
    found: refused
      ? `Gateway ${id}, whose listeners take no routes of this namespace`
      : `Gateway ${id}, of which no listener has a host of this route`,
    expected: 'a listener that takes the route',
    fix: 'Allow it in allowedRoutes of the listener, or correct hostnames and sectionName: nobody serves this route.',
  };
}

function bySelector(id: string) {
  return {
    code: 'namespace-selector',
    found: `Gateway ${id}, which takes routes of namespaces with certain labels`,
    expected: 'a namespace that has them; labels of namespaces are not read',
    fix: 'Look at the labels of this namespace.',
  };
}
