import { ownTable } from '../dialects/nginx/annotations.ts';
import { ownPrefix, nginxPrefix as prefix } from '../dialects/nginx.ts';
import type { MatchableRoute } from '../model/route-match.ts';
import type { FoundObject, NoteText } from './kube-object.ts';
import { forwardAuthProtection } from './protection.ts';
import type { ReadProtection } from './read-route.ts';

/** What the annotations of ingress-nginx on one Ingress say. Facts: its annotation reference and its last release, 1.15.1. */
export interface NginxAnnotations {
  readonly protection: ReadProtection;
  readonly allowFrom: readonly string[] | null;
  readonly cors: MatchableRoute['cors'];
  readonly redirect: Extract<MatchableRoute['action'], { kind: 'redirect' }> | null;
  /** `tls`: where the host has a certificate, which is the default. */
  readonly httpsRedirect: 'always' | 'tls' | 'never';
  readonly rewriteTarget: string | null;
  /** Of our own prefix, which the router reads: by whole segments, and no expression. */
  readonly rewriteTo: string | null;
  readonly websocket: boolean;
  readonly encodedSlash: MatchableRoute['encodedSlash'];
  /** Every path of these hosts is an expression, also those of other Ingresses. */
  readonly regex: boolean;
  readonly canary: boolean;
  readonly aliases: readonly string[];
  readonly notes: readonly NoteText[];
  /** What asks nobody because something it needs is absent. */
  readonly broken: readonly string[];
}

/** Annotations that are read. */
const read: ReadonlySet<string> = new Set([
  'auth-realm',
  'auth-response-headers',
  'auth-secret',
  'auth-signin',
  'auth-type',
  'auth-url',
  'canary',
  'cors-allow-origin',
  'enable-cors',
  'force-ssl-redirect',
  'permanent-redirect',
  'permanent-redirect-code',
  'rewrite-target',
  'server-alias',
  'ssl-redirect',
  'temporal-redirect',
  'use-regex',
  'allowlist-source-range',
  'whitelist-source-range',
]);

/** Annotations that change nothing a route means: limits, timeouts, how an app is spoken to. */
const meaningless =
  /^(proxy-.*|backend-protocol|client-body-.*|limit-.*|affinity.*|session-cookie-.*|ssl-ciphers|ssl-prefer-.*|load-balance|upstream-.*|service-upstream|websocket-services|enable-access-log|enable-opentelemetry|cors-.*|canary-.*|auth-signin-redirect-param|auth-secret-type|auth-cache-.*|auth-keepalive.*|auth-method|http2-push-preload|custom-headers|preserve-trailing-slash|x-forwarded-prefix)$/;

const snippets = /^(configuration|server|auth|stream|modsecurity)-snippet$/;

/** Reads the annotations of one Ingress; what is not understood stands in the notes. */
export function readNginxAnnotations({ annotations, namespace }: FoundObject): NginxAnnotations {
  const own = new Map(
    Object.entries(annotations).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value.trim()] as const] : [],
    ),
  );
  const text = (name: string) => own.get(name) ?? '';
  const ranges = listOf(text('allowlist-source-range') || text('whitelist-source-range'));
  const { protection, broken } = readProtection(text, namespace);
  const notes = [...own].flatMap(([name, value]) => noteOn(name, value));
  const snippet = [...own].find(([name, value]) => snippets.test(name) && mayRefuse.test(value));
  const rewrite = text('rewrite-target');
  return {
    protection:
      protection.kind === 'open' && snippet !== undefined
        ? { kind: 'unknown', why: `the ${snippet[0]} may refuse or ask somebody` }
        : protection,
    allowFrom: ranges.length === 0 ? null : ranges.map((range) => (range.includes('/') ? range : `${range}/32`)),
    cors: text('enable-cors') === 'true' ? { origins: listOf(text('cors-allow-origin') || '*') } : null,
    redirect: readRedirect(text),
    httpsRedirect:
      text('force-ssl-redirect') === 'true' ? 'always' : text('ssl-redirect') === 'false' ? 'never' : 'tls',
    rewriteTarget: rewrite === '' ? null : rewrite,
    rewriteTo: ownTable['rewrite-to'].read(annotations[`${ownPrefix}rewrite-to`] ?? '') ?? null,
    websocket: annotations[`${ownPrefix}websocket`] === 'true',
    encodedSlash: annotations[`${ownPrefix}encoded-slash`] === 'allow' ? 'allow' : 'refuse',
    regex: text('use-regex') === 'true' || rewrite !== '',
    canary: text('canary') === 'true',
    aliases: listOf(text('server-alias')),
    notes,
    broken,
  };
}

/** What in a snippet decides who may pass. */
const mayRefuse = /auth_request|auth_basic|access_by_lua|\bdeny\b|\ballow\b|return\s+[45]\d\d/;

type Text = (name: string) => string;

function readProtection(text: Text, namespace: string): { protection: ReadProtection; broken: readonly string[] } {
  const type = text('auth-type');
  const url = text('auth-url');
  if (url !== '') {
    const responseHeaders = listOf(text('auth-response-headers'));
    const signIn = text('auth-signin') || null;
    return { protection: forwardAuthProtection({ url, responseHeaders, signIn, namespace }), broken: [] };
  }
  if (text('auth-tls-secret') !== '')
    return { protection: { kind: 'unknown', why: 'client certificates' }, broken: [] };
  if (type === '')
    return { protection: { kind: 'open' }, broken: text('auth-signin') === '' ? [] : ['auth-signin without auth-url'] };
  const secret = text('auth-secret');
  if (type === 'basic' && secret !== '')
    return {
      protection: { kind: 'basicAuth', secret, realm: text('auth-realm') || 'Authentication Required' },
      broken: [],
    };
  const why = type === 'digest' ? 'digest authentication' : `auth-type ${type}`;
  return {
    protection: { kind: 'unknown', why },
    broken: secret === '' ? [`auth-type ${type} without auth-secret`] : [],
  };
}

function readRedirect(text: Text): NginxAnnotations['redirect'] {
  const [permanent, temporal] = [text('permanent-redirect'), text('temporal-redirect')];
  const to = permanent || temporal;
  if (to === '') return null;
  const code = text('permanent-redirect-code');
  const status = permanent === '' ? 302 : code === '308' ? 308 : 301;
  return { kind: 'redirect', status, to, scheme: null, host: null, path: null };
}

function noteOn(name: string, value: string): readonly NoteText[] {
  if (read.has(name) || meaningless.test(name)) return [];
  if (snippets.test(name))
    return [
      {
        code: 'snippet',
        found: `${prefix}${name}: ${value.length} characters of nginx configuration`,
        expected: 'annotations that say what a route means',
        fix: 'Read the snippet by hand, and say it by fields of the route.',
      },
    ];
  return [
    {
      code: 'unknown-annotation',
      found: `${prefix}${name}`,
      expected: 'an annotation that routes have a field for',
      fix: 'Compare by hand what it does.',
    },
  ];
}

function listOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
