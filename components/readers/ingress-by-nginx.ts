import { classOf, type IngressClass, type KnownClasses } from './ingress-class.ts';
import type { Claimed, DialectPart, DialectRules } from './ingress-dialect.ts';
import { type NginxAnnotations, protectionNotes, readNginxAnnotations, redirectsToHttps } from './ingress-nginx.ts';
import type { KnownObjects } from './known-objects.ts';
import { type FoundObject, listAt, type Note, type NoteText, noteAt, textAt } from './kube-object.ts';
import { type PathReading, readPath } from './nginx-path.ts';
import type { Comparison } from './read-route.ts';

/** What all Ingresses of a host say together, by class and host. */
export interface NginxHosts {
  /** Hosts on which every path is an expression, and by which Ingress. */
  readonly expressions: ReadonlyMap<string, string>;
  /** What other Ingresses say of the whole host. */
  readonly notes: ReadonlyMap<string, readonly Note[]>;
}

/** Facts that ingress-nginx makes of all Ingresses of a host. */
export function nginxHosts(ingresses: readonly FoundObject[], classes: KnownClasses): NginxHosts {
  const own = ingresses
    .map((object) => ({ object, ingressClass: classOf(object, classes) }))
    .filter(({ ingressClass }) => ingressClass.dialect === 'ingress-nginx')
    .map(({ object, ingressClass }) => ({ object, edge: ingressClass.name, read: readNginxAnnotations(object) }));
  const expressions = own.flatMap(({ object, edge, read }) =>
    listAt(object.body, 'spec', 'rules')
      .filter((rule) => listAt(rule, 'http', 'paths').some((path) => isExpression(textAt(path, 'path'), read)))
      .map((rule) => [hostKey(edge, textAt(rule, 'host')), object.subject] as const),
  );
  const notes = new Map<string, Note[]>();
  for (const { object, edge, read } of own) {
    for (const rule of listAt(object.body, 'spec', 'rules')) {
      const key = hostKey(edge, textAt(rule, 'host'));
      const ofHost = notes.get(key) ?? [];
      ofHost.push(...read.hostNotes);
      notes.set(key, ofHost);
    }
  }
  return { expressions: new Map(expressions), notes };
}

/** ingress-nginx compares every path of a host as an expression once one of them asks for it. */
function isExpression(path: string, { regex, rewriteTarget }: NginxAnnotations): boolean {
  return regex || (rewriteTarget !== null && rewriteTarget !== path);
}

function hostKey(edge: string, host: string): string {
  return `${edge} ${host.toLowerCase()}`;
}

/** How ingress-nginx reads an Ingress. */
export function nginxRules(
  object: FoundObject,
  { name }: IngressClass,
  known: KnownObjects,
  hosts: NginxHosts,
): DialectRules {
  const nginx = readNginxAnnotations(object);
  const notes = [...nginx.notes, ...protectionNotes(object, nginx, known)];
  return {
    aliases: nginx.aliases,
    fallbackPerHost: true,
    partOf: (claimed, tls) => {
      const key = hostKey(name, claimed.host);
      const ofHost = (hosts.notes.get(key) ?? []).filter((note) => !nginx.hostNotes.some(sameAs(note)));
      const part = partOf(object, claimed, nginx, hosts.expressions.get(key));
      return { ...part, httpsRedirect: redirectsToHttps(nginx, tls), notes: [...notes, ...ofHost, ...part.notes] };
    },
  };
}

const sameAs = (note: Note) => (other: Note) => other.at.subject === note.at.subject && other.at.path === note.at.path;

function partOf(object: FoundObject, claimed: Claimed, nginx: NginxAnnotations, regexBy: string | undefined) {
  const target = nginx.rewriteTarget === claimed.text ? null : nginx.rewriteTarget;
  const read = readPath(claimed.text, claimed.type, regexBy !== undefined, target);
  const texts = [...read.notes, ...(regexBy === undefined ? [] : [regexNote(regexBy)])];
  const part: DialectPart = {
    action: nginx.redirect ?? { kind: 'forward' },
    allowFrom: nginx.allowFrom,
    appRoot: nginx.appRoot,
    comparison: comparisonOf(claimed, regexBy !== undefined),
    cors: nginx.cors,
    dialect: 'ingress-nginx',
    encodedSlash: 'allow',
    fit: read.fit,
    httpsRedirect: false,
    httpsStatus: { get: 308, other: 308 },
    notes: texts.map((note) => noteAt(object, claimed.path, note)),
    path: read.path,
    priority: null,
    protection: nginx.protection,
    redirectExpressions: [],
    refusesOddPaths: false,
    replacedPath: replacedPath(read, target),
    rewrite: read.rewrite,
    schemes: ['http', 'https'],
    share: nginx.canary,
    tellsPrefix: nginx.tellsPrefix,
    websocket: true,
  };
  return part;
}

/** A target without groups stands for the whole path of every request. */
function replacedPath({ rewrite }: PathReading, target: string | null): string | null {
  return target !== null && !target.includes('$') && rewrite.kind === 'none' ? target : null;
}

function comparisonOf({ text, type }: Claimed, expression: boolean): Comparison {
  const path = text === '' ? '/' : text;
  if (expression) return { kind: 'expression', text: path };
  if (type === 'Exact' || path === '/') return { kind: 'contract' };
  if (type === 'Prefix' && !path.endsWith('/')) return { kind: 'contract' };
  return { kind: 'characters', prefix: path };
}

function regexNote(by: string): NoteText {
  return {
    code: 'expression-host',
    found: `a host on which ${by} makes every path an expression without regard to case`,
    expected: 'paths that are compared as they are written',
    fix: 'Take use-regex and rewrite-target away from that host, or compare its paths by hand.',
  };
}
