import { untrustedHeaders } from '../../../dialects/untrusted-headers.ts';
import type { EnvironmentPlan } from '../../plan.ts';
import type { MiddlewareSpec } from './generated/types.ts';
import type { FileObject } from './names.ts';
import { hasSidecar, redirectByAnswer } from './sidecar.ts';

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
