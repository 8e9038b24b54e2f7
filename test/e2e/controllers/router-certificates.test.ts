import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { certificateFile } from '../../../controllers/router/nginx/certificate.ts';

/** Kinds of certificates as a tenant's Secret may hold them: whether we show one is what nginx itself says of it. */
const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
const file = (name: string) => join(folder, name);
const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });

afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(() => {
  for (const [name, bits] of [
    ['ca', '2048'],
    ['weak', '1024'],
  ] as const)
    openssl(
      'req',
      '-x509',
      '-newkey',
      `rsa:${bits}`,
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.crt`,
    );
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=leaf', '-keyout', 'leaf.key', '-out', 'leaf.csr');
});

const selfSigned = (...key: readonly string[]) => {
  openssl('req', '-x509', '-newkey', ...key, '-nodes', '-subj', '/CN=x', '-keyout', 'own.key', '-out', 'own.crt');
  return { chain: readFileSync(file('own.crt'), 'utf8'), key: readFileSync(file('own.key'), 'utf8') };
};
const curve = (name: string) => selfSigned('ec', '-pkeyopt', `ec_paramgen_curve:${name}`);
const signed = (by: string, digest: string, chain: readonly string[] = []) => {
  openssl(
    'x509',
    '-req',
    '-in',
    'leaf.csr',
    '-CA',
    `${by}.crt`,
    '-CAkey',
    `${by}.key`,
    '-CAcreateserial',
    `-${digest}`,
    '-days',
    '9',
    '-out',
    'signed.crt',
  );
  const files = ['signed.crt', ...chain].map((name) => readFileSync(file(name), 'utf8'));
  return { chain: files.join(''), key: readFileSync(file('leaf.key'), 'utf8') };
};

/** Whether nginx takes a configuration with this certificate. */
function nginxTakes({ chain, key }: { readonly chain: string; readonly key: string }): boolean {
  writeFileSync(file('pair.pem'), `${chain}\n${key}`);
  const server = `server { listen unix:${file('s')} ssl; ssl_certificate ${file('pair.pem')}; ssl_certificate_key ${file('pair.pem')}; }`;
  writeFileSync(file('nginx.conf'), `pid ${file('pid')}; events {} http { access_log off; ${server} }`);
  return spawnSync('nginx', ['-t', '-e', 'stderr', '-c', file('nginx.conf')], { stdio: 'pipe' }).status === 0;
}

test.each([
  ['EC 112 bits', () => curve('secp112r1')],
  ['EC 160 bits', () => curve('secp160r1')],
  ['EC 192 bits', () => curve('prime192v1')],
  ['EC 224 bits', () => curve('secp224r1')],
  ['EC 256 bits', () => curve('prime256v1')],
  ['EC 256 bits of brainpool', () => curve('brainpoolP256r1')],
  ['EC 384 bits', () => curve('secp384r1')],
  ['a binary curve of 163 bits', () => curve('sect163k1')],
  ['a binary curve of 233 bits', () => curve('sect233k1')],
  ['Ed25519', () => selfSigned('ed25519')],
  ['RSA 1024 bits', () => selfSigned('rsa:1024')],
  ['RSA 2048 bits', () => selfSigned('rsa:2048')],
  ['a self-signed one by SHA-1', () => selfSigned('rsa:2048', '-sha1')],
  ['one that a CA signed by MD5', () => signed('ca', 'md5')],
  ['one that a CA signed by SHA-1', () => signed('ca', 'sha1')],
  ['one that a CA signed by SHA-256', () => signed('ca', 'sha256')],
  ['a chain with a CA of 1024 bits', () => signed('weak', 'sha256', ['weak.crt'])],
  ['a chain with a sound CA', () => signed('ca', 'sha256', ['ca.crt'])],
])('%s is shown exactly where nginx takes it', (_, make) => {
  const certificate = make();
  expect(certificateFile(certificate).ok).toBe(nginxTakes(certificate));
});
