import { nginxPrefix as prefix } from '../dialects/nginx.ts';
import type { MatchableRoute } from '../model/route-match.ts';
import { type KnownObjects, missingAuth, missingReference } from './known-objects.ts';
import { type FoundObject, type Note, type NoteText, noteAt } from './kube-object.ts';
import { readNginxProtection } from './nginx-protection.ts';
import { snippetNote } from './nginx-snippet.ts';
import type { ReadProtection, ReadRoute, RedirectStatus } from './read-route.ts';
import { bearingOf } from './tables/bearing.ts';
import { nginxAnnotations, wholeHostAnnotations } from './tables/nginx-annotations.ts';

/** What the annotations of ingress-nginx on one Ingress say. Source: its annotation reference and its last release, 1.15.1. */
export interface NginxAnnotations {
  readonly protection: ReadProtection;
  readonly allowFrom: readonly string[] | null;
  readonly cors: MatchableRoute['cors'];
  readonly redirect: Extract<MatchableRoute['action'], { kind: 'redirect' }> | null;
  /** `tls`: where the host has a certificate, which is the default. */
  readonly httpsRedirect: 'always' | 'tls' | 'never';
  /** `GET /` on the host is sent here before anything else is done. */
  readonly appRoot: string | null;
  readonly rewriteTarget: string | null;
  /** The app learns the removed prefix. */
  readonly tellsPrefix: boolean;
  readonly regex: boolean;
  readonly canary: boolean;
  readonly aliases: readonly string[];
  /** Everything that bears on the routes of this Ingress and is not in the fields above. */
  readonly notes: readonly Note[];
  /** Those of the notes that hold for the whole host, also for other Ingresses. */
  readonly hostNotes: readonly Note[];
  /** What asks nobody because something it needs is absent. */
  readonly broken: readonly string[];
}

/** The annotations of ingress-nginx on an object, by their names behind the prefix. */
function ownAnnotations({ annotations }: FoundObject): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(annotations).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value.trim()] as const] : [],
    ),
  );
}

/** Reads the annotations of one Ingress; what is not understood stands in the notes. */
export function readNginxAnnotations(object: FoundObject): NginxAnnotations {
  const own = ownAnnotations(object);
  const text = (name: string) => own.get(name) ?? '';
  const ranges = listOf(text('allowlist-source-range') || text('whitelist-source-range'));
  const allowFrom = ranges.length === 0 ? null : ranges.map((range) => (range.includes('/') ? range : `${range}/32`));
  const { protection, broken } = readNginxProtection(text, object.namespace, allowFrom);
  const noted = [...own].map(([name, value]) => ({
    ofHost: (wholeHostAnnotations as readonly string[]).includes(name),
    notes: noteOn(object, name, value, protection.kind === 'open'),
  }));
  return {
    protection,
    allowFrom: text('satisfy') === 'any' ? null : allowFrom,
    cors: text('enable-cors') === 'true' ? { origins: listOf(text('cors-allow-origin') || '*') } : null,
    redirect: readRedirect(text),
    httpsRedirect:
      text('force-ssl-redirect') === 'true' ? 'always' : text('ssl-redirect') === 'false' ? 'never' : 'tls',
    appRoot: text('app-root') || null,
    rewriteTarget: text('rewrite-target') || null,
    tellsPrefix: text('x-forwarded-prefix') !== '',
    regex: text('use-regex') === 'true',
    canary: text('canary') === 'true',
    aliases: listOf(text('server-alias')),
    notes: noted.flatMap(({ notes }) => notes),
    hostNotes: noted.flatMap(({ ofHost, notes }) => (ofHost ? notes : [])),
    broken,
  };
}

/** Whether plain HTTP is redirected on a host with this TLS. */
export function redirectsToHttps({ httpsRedirect }: NginxAnnotations, tls: ReadRoute['tls']): boolean {
  return httpsRedirect === 'always' || (httpsRedirect === 'tls' && tls.kind !== 'off');
}

/** An error for each protection that an Ingress names and that asks nobody. */
export function protectionNotes(
  object: FoundObject,
  { broken, protection }: NginxAnnotations,
  known: KnownObjects,
): readonly Note[] {
  const path = ['metadata', 'annotations'];
  return [
    ...broken.map((what) => missingReference(object, path, what, 'These routes lack the protection they name.')),
    ...missingAuth(protection, known, object, path),
  ];
}

/** Where an annotation of ingress-nginx is written. */
function placeOf(annotation: string): readonly string[] {
  return ['metadata', 'annotations', `${prefix}${annotation}`];
}

function readRedirect(text: (name: string) => string): NginxAnnotations['redirect'] {
  const [permanent, temporal] = [text('permanent-redirect'), text('temporal-redirect')];
  const to = permanent || temporal;
  if (to === '') return null;
  const code = Number(permanent === '' ? text('temporal-redirect-code') : text('permanent-redirect-code'));
  const usual: RedirectStatus = permanent === '' ? 302 : 301;
  const status = code === 301 || code === 302 || code === 307 || code === 308 ? code : usual;
  return { kind: 'redirect', status, to, scheme: null, host: null, path: null };
}

/** What is to be told of one annotation beside what the fields of the reading say. */
function noteOn(object: FoundObject, name: string, value: string, isOpen: boolean): readonly Note[] {
  const at = placeOf(name);
  if (name === 'configuration-snippet') {
    const { severity, ...note } = snippetNote(`${prefix}${name}`, value, isOpen);
    return [noteAt(object, at, note, severity)];
  }
  if (name === 'ssl-passthrough') return value === 'true' ? [noteAt(object, at, passthrough, 'doubt')] : [];
  if (name === 'app-root') return [noteAt(object, at, appRoot(value))];
  const bearing = bearingOf(nginxAnnotations, name);
  if (bearing.kind !== 'doubt') return [];
  return [noteAt(object, at, doubtful(name, bearing.why), 'doubt')];
}

function doubtful(name: string, why: string): NoteText {
  return {
    code: name.endsWith('-snippet') ? 'snippet' : 'unknown-annotation',
    found: `${prefix}${name}: ${why}`,
    expected: 'annotations that this reader understands',
    fix: 'Find out by hand what it does to these routes.',
  };
}

const passthrough: NoteText = {
  code: 'ssl-passthrough',
  found: `${prefix}ssl-passthrough, by which TLS goes to the app unread, past every annotation and every other path of the host`,
  expected: 'TLS that the edge ends',
  fix: 'Take it away, or let the app itself ask its visitors.',
};

function appRoot(to: string): NoteText {
  return {
    code: 'app-root',
    found: `GET / of the host, which is answered 302 to ${to} before anybody is asked`,
    expected: 'a redirect that is a route of its own',
    fix: 'Write a route for the exact path / with a redirect.',
  };
}

function listOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
