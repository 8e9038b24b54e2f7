import { createHash, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { Certificate } from '../routing-table.ts';

/** One file with the chain and the key, or why nginx could not show it. */
export type CertificateFile =
  | { readonly ok: true; readonly content: string }
  /** Never holds text of the key. */
  | { readonly ok: false; readonly why: string };

/** Puts a certificate and its key in the form nginx reads. Whether it has expired is for its owner to see. */
export function certificateFile({ chain, key }: Certificate): CertificateFile {
  const blocks = chain.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g) ?? [];
  const certificates = blocks.map(readCertificate);
  const [first] = certificates;
  if (first === undefined || certificates.includes(null)) return refuse('the certificate is no PEM certificate');
  const privateKey = readKey(key);
  if (privateKey === null) return refuse('the key is no PEM private key without a password');
  if (first === null || !first.checkPrivateKey(privateKey)) return refuse('the key is not the key of the certificate');
  const content = [...blocks, String(privateKey.export({ type: 'pkcs8', format: 'pem' })).trim(), ''].join('\n');
  const why = refusalOf(content);
  if (why !== null) return refuse(why);
  return { ok: true, content };
}

function refuse(why: string): CertificateFile {
  return { ok: false, why };
}

function readCertificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

function readKey(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem);
  } catch {
    return null;
  }
}

/** Why OpenSSL refuses a file, or null, by digest of the file, oldest first: every table asks for the same files again. */
const judged = new Map<string, string | null>();
const mostJudged = 4_096;

/**
 * Why OpenSSL refuses a file with a chain and its key, or null. nginx would refuse the whole configuration for it. Level 2
 * is the security level of Debian's OpenSSL, and the default since OpenSSL 3.2: 112 bits.
 */
function refusalOf(file: string): string | null {
  const name = createHash('sha256').update(file).digest('base64');
  const known = judged.get(name);
  if (known !== undefined) return known;
  const why = judge(file);
  const [oldest] = judged.keys();
  if (judged.size >= mostJudged && oldest !== undefined) judged.delete(oldest);
  judged.set(name, why);
  return why;
}

function judge(file: string): string | null {
  try {
    // Without `ca`, every call would read all the authorities that Node ships.
    createSecureContext({ cert: file, key: file, ca: [], ciphers: 'DEFAULT:@SECLEVEL=2' });
    return null;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'without a reason';
    return refusals[code] ?? `OpenSSL refuses the certificate or its key: ${code}`;
  }
}

const longEnough = 'expected RSA of at least 2048 bits or an elliptic curve of at least 224 bits';

/** By the codes that Node gives OpenSSL's errors. */
const refusals: Readonly<Record<string, string>> = {
  ERR_SSL_EE_KEY_TOO_SMALL: `the key is too short; ${longEnough}`,
  ERR_SSL_CA_KEY_TOO_SMALL: `the key of an authority in the chain is too short; ${longEnough}`,
  ERR_SSL_CA_MD_TOO_WEAK:
    'a certificate of the chain is signed with a digest that is too weak, such as MD5 or SHA-1; expected SHA-256 or better',
  ERR_SSL_UNKNOWN_CERTIFICATE_TYPE: 'the key is of a type that TLS does not know; expected RSA, ECDSA or Ed25519',
};
