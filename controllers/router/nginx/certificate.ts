import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { Certificate } from '../routing-table.ts';

/** One file with the chain and the key, or why nginx could not show it. */
export type CertificateFile =
  | { readonly ok: true; readonly content: string }
  /** Never holds text of the key. */
  | { readonly ok: false; readonly why: string };

/** Below this, OpenSSL refuses a key at its usual security level, and nginx with it the whole configuration. */
const leastRsaBits = 2048;

/** Puts a certificate and its key in the form nginx reads. Whether it has expired is for its owner to see. */
export function certificateFile({ chain, key }: Certificate): CertificateFile {
  const blocks = chain.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g) ?? [];
  const certificates = blocks.map(readCertificate);
  const [first] = certificates;
  if (first === undefined || certificates.includes(null)) return refuse('the certificate is no PEM certificate');
  const privateKey = readKey(key);
  if (privateKey === null) return refuse('the key is no PEM private key without a password');
  if (first === null || !first.checkPrivateKey(privateKey)) return refuse('the key is not the key of the certificate');
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = privateKey;
  if (type === 'rsa' && (details?.modulusLength ?? 0) < leastRsaBits) return refuse('the RSA key is too short');
  const content = [...blocks, String(privateKey.export({ type: 'pkcs8', format: 'pem' })).trim(), ''].join('\n');
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
