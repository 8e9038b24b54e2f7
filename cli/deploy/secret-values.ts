import { randomInt } from 'node:crypto';
import type { WantedSecret } from '../../components/compile/wanted-secrets.ts';
import { ApiFailed } from '../../local/kube.ts';
import { ExitError, exitCodes } from '../exit-codes.ts';
import type { ClusterApi } from './cluster-api.ts';
import { isOurs, managedBy, type ObjectRef } from './inventory.ts';

/** Letters and digits only: the value fits a header as it is. 40 of them hold 238 bits. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const length = 40;

function newValue(): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}

const refOf = ({ namespace, name }: Pick<WantedSecret, 'namespace' | 'name'>): ObjectRef => ({
  apiVersion: 'v1',
  kind: 'Secret',
  namespace,
  name,
});

/**
 * Makes the keys that are missing, with values nobody is shown; a value that is there is never replaced.
 * @returns what was made, as `apps/routing:api-key`.
 * @throws ExitError for a Secret of someone else's that lacks a key. No message holds a value.
 */
export async function ensureSecrets(api: ClusterApi, wanted: readonly WantedSecret[]): Promise<readonly string[]> {
  const made: string[] = [];
  for (const secret of wanted) {
    const live = await api.read(refOf(secret));
    const present = (live?.data ?? {}) as Readonly<Record<string, string>>;
    const missing = secret.keys.filter((key) => (present[key] ?? '') === '');
    if (missing.length === 0) continue;
    const where = `Secret ${secret.namespace}/${secret.name}`;
    if (live !== undefined && !isOurs(live)) {
      const way = 'Add it, or delete the Secret to have it made.';
      throw new ExitError(
        `${where}: found no key ${missing.join(', ')} in it, and it is not Edgeplane's. ${way}`,
        exitCodes.problems,
      );
    }
    await write(api, secret, missing, live !== undefined).catch((error: unknown) => {
      // The API server's words may repeat what it was sent.
      throw new Error(`${where}: cannot be written (${error instanceof ApiFailed ? error.status : 'no answer'})`);
    });
    made.push(...missing.map((key) => `${secret.namespace}/${secret.name}:${key}`));
  }
  return made;
}

async function write(
  api: ClusterApi,
  secret: WantedSecret,
  missing: readonly string[],
  exists: boolean,
): Promise<void> {
  const values = missing.map((key) => [key, key === 'username' ? 'edgeplane' : newValue()] as const);
  const stringData = Object.fromEntries(values);
  if (!exists) {
    const { namespace, name, type } = secret;
    const metadata = { name, namespace, labels: managedBy };
    await api.create(refOf(secret), { apiVersion: 'v1', kind: 'Secret', metadata, type, stringData });
    return;
  }
  const path = `/api/v1/namespaces/${secret.namespace}/secrets/${secret.name}?fieldManager=edgeplane`;
  const body = JSON.stringify({ stringData });
  await api.kube.send({ method: 'PATCH', path, body, contentType: 'application/merge-patch+json' });
}

/** The values of a Secret by key, base64; none when it is not there. */
export async function secretData(
  api: ClusterApi,
  at: Pick<WantedSecret, 'namespace' | 'name'>,
): Promise<Readonly<Record<string, string>>> {
  return ((await api.read(refOf(at)))?.data ?? {}) as Readonly<Record<string, string>>;
}
