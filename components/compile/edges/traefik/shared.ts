import type { EnvironmentPlan } from '../../plan.ts';
import type { MiddlewareSpec } from './generated/types.ts';
import type { FileObject } from './names.ts';
import { hasSidecar, redirectByAnswer } from './sidecar.ts';

/** Headers by which proxies tell who a client is, beyond those Traefik itself rebuilds. No client may send them. */
const untrustedHeaders: readonly string[] = [
  'Forwarded',
  'Proxy',
  'X-Forwarded',
  'X-Forwarded-Access-Token',
  'X-Forwarded-By',
  'X-Forwarded-Email',
  'X-Forwarded-Groups',
  'X-Forwarded-Path',
  'X-Forwarded-Preferred-Username',
  'X-Forwarded-Scheme',
  'X-Forwarded-Ssl',
  'X-Forwarded-User',
  'X-Auth-Request-Access-Token',
  'X-Auth-Request-Email',
  'X-Auth-Request-Groups',
  'X-Auth-Request-Preferred-Username',
  'X-Auth-Request-User',
  'X-Auth-User',
  'X-Client-Ip',
  'X-Cluster-Client-Ip',
  'X-Edgeplane-Caller',
  'X-Envoy-External-Address',
  'X-Original-Forwarded-For',
  'X-Original-Uri',
  'X-Original-Url',
  'X-Remote-User',
  'X-Replaced-Path',
  'X-Rewrite-Url',
  'X-Scheme',
  'X-Webauth-User',
  'Cf-Connecting-Ip',
  'Client-Ip',
  'Fastly-Client-Ip',
  'Front-End-Https',
  'Remote-Email',
  'Remote-Groups',
  'Remote-Name',
  'Remote-User',
  'True-Client-Ip',
];

/** An address no client has: an allow-list of it refuses everyone. */
const nobody = ['255.255.255.255/32'];

/** The middlewares every environment has, by name. */
export function sharedSpec(object: Exclude<FileObject, 'unavailable'>, environment: EnvironmentPlan): MiddlewareSpec {
  switch (object) {
    case 'notFound':
      return { ipAllowList: { sourceRange: nobody, rejectStatusCode: 404 } };
    case 'refuse':
      return { ipAllowList: { sourceRange: nobody, rejectStatusCode: 400 } };
    case 'encodedSlash':
      return { encodedCharacters: { ...refusedCharacters, allowEncodedSlash: false } };
    case 'hygiene':
      return { headers: { customRequestHeaders: { ...removed(untrustedHeaders), ...removed(upgradeHeaders) } } };
    case 'websocketHygiene':
      return { headers: { customRequestHeaders: removed(untrustedHeaders) } };
    case 'httpsRedirect':
      return httpsRedirectSpec(environment);
    default:
      return object satisfies never;
  }
}

/** Without these no connection leaves HTTP: not to h2c, not to anything else. */
const upgradeHeaders = ['Connection', 'Http2-Settings', 'Upgrade'];

function removed(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, '']));
}

/** What no route lets in, set one by one: defaults have changed between releases. */
export const refusedCharacters = {
  allowEncodedBackSlash: false,
  allowEncodedHash: false,
  allowEncodedNullCharacter: false,
  allowEncodedPercent: false,
  allowEncodedQuestionMark: false,
  allowEncodedSemicolon: false,
} as const;

function httpsRedirectSpec(environment: EnvironmentPlan): MiddlewareSpec {
  const { exposure } = environment;
  const port = exposure.kind === 'hostPort' && exposure.https !== 443 ? exposure.https : null;
  if (!hasSidecar(environment))
    return { redirectScheme: { scheme: 'https', permanent: true, ...(port === null ? {} : { port: String(port) }) } };
  const to = { to: null, scheme: 'https', host: null, path: null, port } as const;
  return redirectByAnswer({ kind: 'redirect', status: 308, ...to, reference: 'absolute' });
}
