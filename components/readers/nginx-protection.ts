import { forwardAuthProtection } from './protection.ts';
import type { ReadProtection } from './read-route.ts';

/** What the annotations of an Ingress say of who may pass. */
interface NginxProtection {
  readonly protection: ReadProtection;
  /** What asks nobody because something it needs is absent. */
  readonly broken: readonly string[];
}

type Text = (name: string) => string;

/**
 * Who is asked, by the annotations of ingress-nginx.
 * @param text the value of an annotation, empty where it is absent
 * @param allowFrom the address ranges of the Ingress
 */
export function readNginxProtection(
  text: Text,
  namespace: string,
  allowFrom: readonly string[] | null,
): NginxProtection {
  const asked = askedBy(text, namespace);
  if (text('satisfy') !== 'any' || allowFrom === null || asked.protection.kind === 'open') return asked;
  const everybody = allowFrom.some((range) => /\/0+$/.test(range));
  if (everybody) return { ...asked, protection: { kind: 'open' } };
  const why = `satisfy: any lets ${allowFrom.join(', ')} pass without being asked`;
  return { ...asked, protection: { kind: 'unknown', why } };
}

function askedBy(text: Text, namespace: string): NginxProtection {
  const url = text('auth-url');
  if (url !== '') return askedByUrl(url, text, namespace);
  if (text('auth-type') !== '') return askedByType(text);
  if (text('auth-tls-secret') !== '' && !['off', 'optional', 'optional_no_ca'].includes(text('auth-tls-verify-client')))
    return { protection: { kind: 'unknown', why: 'client certificates' }, broken: [] };
  const broken = text('auth-signin') === '' ? [] : ['auth-signin without auth-url'];
  return { protection: { kind: 'open' }, broken };
}

function askedByUrl(url: string, text: Text, namespace: string): NginxProtection {
  if (!isUrl(url)) {
    const why = `the auth-url ${JSON.stringify(url)} is no URL`;
    return { protection: { kind: 'unknown', why }, broken: [why] };
  }
  const responseHeaders = text('auth-response-headers')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const signIn = text('auth-signin') || null;
  return { protection: forwardAuthProtection({ url, responseHeaders, signIn, namespace }), broken: [] };
}

/** An http or https URL with a host, which may hold variables of nginx. */
export function isUrl(text: string): boolean {
  return /^https?:\/\/(?:[A-Za-z0-9.-]+|\$[a-z_]+|\[[0-9a-fA-F:]+\])(?::[0-9]+)?(?:[/?][^\s"'{};]*)?$/.test(text);
}

function askedByType(text: Text): NginxProtection {
  const [type, secret] = [text('auth-type'), text('auth-secret')];
  const broken = secret === '' ? [`auth-type ${type} without auth-secret`] : [];
  if (type === 'basic' && secret !== '') {
    const realm = text('auth-realm') || 'Authentication Required';
    return { protection: { kind: 'basicAuth', secret, realm }, broken: [] };
  }
  const why = type === 'digest' ? 'digest authentication' : `auth-type ${type}`;
  return { protection: { kind: 'unknown', why }, broken };
}
