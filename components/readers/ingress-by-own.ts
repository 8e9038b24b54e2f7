import { nginxTable, ownTable } from '../dialects/nginx/annotations.ts';
import { nginxPrefix, ownPrefix } from '../dialects/nginx.ts';
import type { Claimed, DialectPart, DialectRules } from './ingress-dialect.ts';
import { type NginxAnnotations, protectionNotes, readNginxAnnotations, redirectsToHttps } from './ingress-nginx.ts';
import type { KnownObjects } from './known-objects.ts';
import { type FoundObject, type Note, noteAt } from './kube-object.ts';
import { readPath } from './nginx-path.ts';

/** How our own router reads an Ingress: the contract's paths, a closed set of annotations, and nothing else. */
export function ownRules(object: FoundObject, known: KnownObjects): DialectRules {
  const nginx = readNginxAnnotations(object);
  const notes = [...unknownAnnotations(object), ...protectionNotes(object, nginx, known)];
  return {
    aliases: [],
    fallbackPerHost: false,
    partOf: (claimed, tls) => ({
      ...partOf(object, claimed, nginx),
      httpsRedirect: redirectsToHttps(nginx, tls),
      notes,
    }),
  };
}

function partOf({ annotations }: FoundObject, claimed: Claimed, nginx: NginxAnnotations): DialectPart {
  const { path } = readPath(
    claimed.text,
    claimed.type === 'ImplementationSpecific' ? 'Prefix' : claimed.type,
    false,
    null,
  );
  const to = ownTable['rewrite-to'].read(annotations[`${ownPrefix}rewrite-to`] ?? '');
  return {
    action: nginx.redirect ?? { kind: 'forward' },
    allowFrom: nginx.allowFrom,
    appRoot: null,
    comparison: { kind: 'contract' },
    cors: nginx.cors,
    dialect: 'edgeplane',
    encodedSlash: annotations[`${ownPrefix}encoded-slash`] === 'allow' ? 'allow' : 'refuse',
    fit: 'same',
    httpsRedirect: false,
    httpsStatus: { get: 308, other: 308 },
    notes: [],
    path,
    priority: null,
    protection: nginx.protection,
    redirectExpressions: [],
    refusesOddPaths: true,
    replacedPath: null,
    rewrite: to === undefined ? { kind: 'none' } : { kind: 'replacePrefix', from: path.path, to },
    schemes: ['http', 'https'],
    share: false,
    tellsPrefix: true,
    websocket: annotations[`${ownPrefix}websocket`] === 'true',
  };
}

/** The router refuses an Ingress with an annotation of its prefixes that it does not know. */
function unknownAnnotations(object: FoundObject): readonly Note[] {
  return Object.keys(object.annotations).flatMap((name) => {
    const isUnknown =
      (name.startsWith(nginxPrefix) && !Object.hasOwn(nginxTable, name.slice(nginxPrefix.length))) ||
      (name.startsWith(ownPrefix) && !Object.hasOwn(ownTable, name.slice(ownPrefix.length)));
    return isUnknown ? [noteAt(object, ['metadata', 'annotations', name], unknown(name), 'doubt')] : [];
  });
}

function unknown(name: string) {
  return {
    code: 'unknown-annotation',
    found: `${name}, which our router does not know`,
    expected: 'an annotation that our router has',
    fix: 'Take it away: the router serves no Ingress that has it.',
  };
}
