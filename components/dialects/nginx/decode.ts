import {
  defaultOptions,
  type IngressCors,
  type IngressOptions,
  type IngressProtection,
  nginxPrefix,
  ownPrefix,
} from '../nginx.ts';
import { nginxTable, ownTable, type Written } from './annotations.ts';
import type { TextCodec } from './values.ts';

/** What is wrong with one annotation, or with several together. */
export interface AnnotationProblem {
  readonly annotation: string;
  readonly found: string;
  readonly expected: string;
  readonly fix: string;
}

export type DecodedIngress =
  | { readonly ok: true; readonly options: IngressOptions }
  | { readonly ok: false; readonly problems: readonly AnnotationProblem[] };

const defaultAuthTimeoutMs = 5_000;
const defaultRealm = 'restricted';
const defaultCookie = 'INGRESSCOOKIE';
const defaultCors: IngressCors = Object.freeze({
  origins: ['*'],
  methods: ['GET', 'HEAD', 'POST'],
  headers: [],
  exposeHeaders: [],
  credentials: false,
  maxAgeSeconds: 600,
});

/**
 * Reads the annotations of one Ingress. Those of other prefixes are left alone; one of ours or of nginx's that is not
 * known, or whose value is none, is a problem: guessing would serve a route without what its author asked for.
 */
export function decodeIngress(annotations: Readonly<Record<string, string>>): DecodedIngress {
  const problems: AnnotationProblem[] = [];
  const nginx = readTable(annotations, nginxPrefix, nginxTable, problems) as Written<typeof nginxTable>;
  const own = readTable(annotations, ownPrefix, ownTable, problems) as Written<typeof ownTable>;
  problems.push(...contradictions(nginx, own));
  return problems.length === 0 ? { ok: true, options: optionsOf(nginx, own) } : { ok: false, problems };
}

function readTable(
  annotations: Readonly<Record<string, string>>,
  prefix: string,
  table: Readonly<Record<string, TextCodec<unknown>>>,
  problems: AnnotationProblem[],
): Readonly<Record<string, unknown>> {
  const fields: Record<string, unknown> = {};
  for (const annotation of Object.keys(annotations).toSorted()) {
    if (!annotation.startsWith(prefix)) continue;
    const name = annotation.slice(prefix.length);
    const text = annotations[annotation] ?? '';
    const codec = Object.hasOwn(table, name) ? table[name] : undefined;
    const value = codec?.read(text);
    if (codec === undefined) problems.push(unknownAnnotation(annotation));
    else if (value === undefined) problems.push(badValue(annotation, text, codec.expected));
    else fields[name] = value;
  }
  return fields;
}

/** What people leaving ingress-nginx ask for most, and what says it here. */
const instead: Readonly<Record<string, string>> = {
  'configuration-snippet': 'No configuration text is taken. Say it by annotations that are known.',
  'force-ssl-redirect': `Write ${nginxPrefix}ssl-redirect, and TLS for the host.`,
  'rewrite-target': `Write ${ownPrefix}rewrite-to: the path that takes the place of the matched prefix.`,
  'server-snippet': 'No configuration text is taken. Say it by annotations that are known.',
  'use-regex': 'Write paths of type Prefix or Exact.',
  'whitelist-source-range': `Write ${nginxPrefix}allowlist-source-range.`,
};

function unknownAnnotation(annotation: string): AnnotationProblem {
  const name = annotation.slice(annotation.indexOf('/') + 1);
  return {
    annotation,
    found: `${annotation}, which is not known`,
    expected: 'an annotation that docs/nginx.md lists',
    fix: instead[name] ?? 'Take it away, or write a listed one.',
  };
}

/** The longest text of a value that a message repeats. */
const shownLength = 80;

function badValue(annotation: string, text: string, expected: string): AnnotationProblem {
  const shown = text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
  return { annotation, found: JSON.stringify(shown), expected, fix: 'Correct the value.' };
}

type Nginx = Written<typeof nginxTable>;
type Own = Written<typeof ownTable>;

/** What stands beside something it makes no sense without, or beside its contrary. */
function contradictions(nginx: Nginx, own: Own): readonly AnnotationProblem[] {
  const both = (one: keyof Nginx, other: keyof Nginx) =>
    nginx[one] !== undefined && nginx[other] !== undefined
      ? [odd(nginxPrefix + one, `beside ${other}`, 'one of the two', `Take ${other} away.`)]
      : [];
  const needs = (one: keyof Nginx, other: keyof Nginx) =>
    nginx[one] !== undefined && nginx[other] === undefined
      ? [odd(nginxPrefix + one, `without ${other}`, 'both', `Write ${nginxPrefix}${other} too.`)]
      : [];
  const ownNeeds = (one: keyof Own, present: boolean, other: string) =>
    own[one] !== undefined && !present ? [odd(ownPrefix + one, `without ${other}`, 'both', `Write ${other} too.`)] : [];
  return [
    ...both('auth-url', 'auth-type'),
    ...both('permanent-redirect', 'temporal-redirect'),
    ...needs('auth-type', 'auth-secret'),
    ...needs('auth-secret', 'auth-type'),
    ...needs('auth-response-headers', 'auth-url'),
    ...needs('session-cookie-name', 'affinity'),
    ...ownNeeds('auth-timeout', nginx['auth-url'] !== undefined, `${nginxPrefix}auth-url`),
    ...ownNeeds('hsts-preload', own['hsts-max-age'] !== undefined, `${ownPrefix}hsts-max-age`),
    ...ownNeeds('hsts-include-subdomains', own['hsts-max-age'] !== undefined, `${ownPrefix}hsts-max-age`),
  ];
}

function odd(annotation: string, found: string, expected: string, fix: string): AnnotationProblem {
  return { annotation, found: `${annotation} ${found}`, expected, fix };
}

function optionsOf(nginx: Nginx, own: Own): IngressOptions {
  const usual = defaultOptions;
  const maxAgeSeconds = own['hsts-max-age'];
  return {
    protection: protectionOf(nginx, own),
    removedHeaders: (own['remove-request-headers'] ?? []).toSorted(),
    rewriteTo: own['rewrite-to'] ?? null,
    httpsRedirect: nginx['ssl-redirect'] ?? null,
    hsts:
      maxAgeSeconds === undefined
        ? null
        : {
            maxAgeSeconds,
            includeSubdomains: own['hsts-include-subdomains'] ?? false,
            preload: own['hsts-preload'] ?? false,
          },
    bodyLimitBytes: nginx['proxy-body-size'] ?? null,
    connectMs: nginx['proxy-connect-timeout'] ?? usual.connectMs,
    responseMs: nginx['proxy-read-timeout'] ?? nginx['proxy-send-timeout'] ?? usual.responseMs,
    streaming: nginx['proxy-buffering'] !== true && nginx['proxy-request-buffering'] !== true,
    websocket: own.websocket ?? usual.websocket,
    encodedSlash: own['encoded-slash'] ?? usual.encodedSlash,
    allowFrom: nginx['allowlist-source-range'] ?? null,
    backendProtocol: nginx['backend-protocol'] ?? usual.backendProtocol,
    redirect: redirectOf(nginx),
    cors: corsOf(nginx),
    sticky: nginx.affinity === undefined ? null : { cookie: nginx['session-cookie-name'] ?? defaultCookie },
  };
}

function protectionOf(nginx: Nginx, own: Own): IngressProtection {
  const [url, secret] = [nginx['auth-url'], nginx['auth-secret']];
  if (url !== undefined)
    return {
      kind: 'forwardAuth',
      url,
      responseHeaders: (nginx['auth-response-headers'] ?? []).toSorted(),
      timeoutMs: own['auth-timeout'] ?? defaultAuthTimeoutMs,
    };
  if (secret !== undefined) return { kind: 'basicAuth', secret, realm: nginx['auth-realm'] ?? defaultRealm };
  return { kind: 'open' };
}

function redirectOf(nginx: Nginx): IngressOptions['redirect'] {
  const [permanent, temporal] = [nginx['permanent-redirect'], nginx['temporal-redirect']];
  if (permanent !== undefined) return { status: nginx['permanent-redirect-code'] === '308' ? 308 : 301, to: permanent };
  if (temporal !== undefined) return { status: nginx['temporal-redirect-code'] === '307' ? 307 : 302, to: temporal };
  return null;
}

function corsOf(nginx: Nginx): IngressCors | null {
  if (nginx['enable-cors'] !== true) return null;
  return {
    origins: nginx['cors-allow-origin'] ?? defaultCors.origins,
    methods: nginx['cors-allow-methods'] ?? defaultCors.methods,
    headers: nginx['cors-allow-headers'] ?? defaultCors.headers,
    exposeHeaders: nginx['cors-expose-headers'] ?? defaultCors.exposeHeaders,
    credentials: nginx['cors-allow-credentials'] ?? defaultCors.credentials,
    maxAgeSeconds: nginx['cors-max-age'] ?? defaultCors.maxAgeSeconds,
  };
}
