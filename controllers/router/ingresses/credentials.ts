import { createHash } from 'node:crypto';
import type { KubeObject } from '../../loop/source.ts';
import type { Certificate } from '../routing-table.ts';

interface SecretObject {
  readonly data?: Readonly<Record<string, string>>;
}

function field(object: KubeObject, name: string): Buffer | null {
  const { data = {} } = object as KubeObject & SecretObject;
  return Object.hasOwn(data, name) ? Buffer.from(data[name] ?? '', 'base64') : null;
}

/** The certificate of a `kubernetes.io/tls` Secret; whether it is one, and its key's, the renderer finds out. */
export function readCertificate(object: KubeObject): Certificate {
  return {
    chain: field(object, 'tls.crt')?.toString('utf8') ?? '',
    key: field(object, 'tls.key')?.toString('utf8') ?? '',
  };
}

/** Lines of an htpasswd file, or what is wrong with the Secret. */
export type UsersFacts =
  | { readonly ok: true; readonly users: readonly string[] }
  | { readonly ok: false; readonly fault: string };

const user = /^[A-Za-z0-9._@-]{1,64}$/;

/** Those of crypt(3), apr1 and the salted digest: a plain password in a line would be served as its own hash. */
const line =
  /^[A-Za-z0-9._@-]{1,64}:(?:\$(?:apr1|1|5|6|2[aby]|y)\$[A-Za-z0-9./$=,+-]{8,160}|\{SSHA\}[A-Za-z0-9+/=]{28,100})$/;

/**
 * The users of a `kubernetes.io/basic-auth` Secret: a field `users` or `auth` in htpasswd form, else `username` and
 * `password`, of which only a salted digest is kept.
 */
export function readUsers(object: KubeObject): UsersFacts {
  const file = field(object, 'users') ?? field(object, 'auth');
  if (file !== null) return readLines(file.toString('utf8'));
  const [name, password] = [field(object, 'username')?.toString('utf8'), field(object, 'password')];
  if (name === undefined || !user.test(name)) return { ok: false, fault: 'found no usable field username' };
  if (password === null || password.length === 0) return { ok: false, fault: 'found no field password' };
  return { ok: true, users: [`${name}:${digest(password, object)}`] };
}

function readLines(text: string): UsersFacts {
  const lines = text.split(/\r?\n/).filter((found) => found !== '' && !found.startsWith('#'));
  if (lines.length === 0) return { ok: false, fault: 'found no users in htpasswd form' };
  const bad = lines.filter((found) => !line.test(found)).length;
  return bad === 0
    ? { ok: true, users: lines.toSorted() }
    : { ok: false, fault: `found ${bad} lines that are no name:hash in htpasswd form` };
}

/** The salt is the Secret's own and the same each time, so that the configuration is too. */
function digest(password: Buffer, { metadata }: KubeObject): string {
  const salt = createHash('sha256')
    .update(`${metadata.namespace}/${metadata.name}/${metadata.uid}`)
    .digest()
    .subarray(0, 16);
  const hash = createHash('sha1').update(password).update(salt).digest();
  return `{SSHA}${Buffer.concat([hash, salt]).toString('base64')}`;
}
