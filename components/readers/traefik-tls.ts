import type { KnownObjects } from './known-objects.ts';
import { at, type FoundObject, type Note, noteAt, textAt } from './kube-object.ts';

/** How a router names its TLS options; null: it names none. */
export type TlsOptionReference = { readonly namespace: string; readonly name: string } | null;

/**
 * What TLS options say of who may pass: a client certificate is asked for before HTTP begins. Without a name the options
 * `default` hold, whichever namespace they are in.
 */
export function tlsOptionNotes(
  object: FoundObject,
  reference: TlsOptionReference | undefined,
  known: KnownObjects,
): readonly Note[] {
  if (reference === null) return [];
  const options = reference === undefined ? defaultOptions(known) : known.tlsOptions.get(key(reference));
  if (options === undefined)
    return reference === undefined ? [] : [noteAt(object, ['spec', 'tls'], absent(key(reference)), 'doubt')];
  const type = textAt(options.body, 'spec', 'clientAuth', 'clientAuthType');
  if (at(options.body, 'spec', 'clientAuth') === undefined || type === 'NoClientCert') return [];
  return [noteAt(object, ['spec', 'tls'], clientCertificates(options.subject, type), 'doubt')];
}

function key({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

function defaultOptions(known: KnownObjects): FoundObject | undefined {
  return [...known.tlsOptions.values()].find(({ name }) => name === 'default');
}

function absent(name: string) {
  return {
    code: 'missing-reference',
    found: `TLSOption ${name}, which is not among these objects`,
    expected: 'an object that exists',
    fix: 'Read the file that has it too: it may ask for client certificates.',
  };
}

function clientCertificates(subject: string, type: string) {
  return {
    code: 'client-certificates',
    found: `client certificates, by ${subject}${type === '' ? '' : ` (${type})`}`,
    expected: 'a protection that this reader understands',
    fix: 'Find out by hand whose certificates are accepted.',
  };
}
