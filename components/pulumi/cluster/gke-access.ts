import { CryptoKey, CryptoKeyIAMMember, KeyRing } from '@pulumi/gcp/kms/index.js';
import { getProjectOutput } from '@pulumi/gcp/organizations/index.js';
import { IAMMember } from '@pulumi/gcp/projects/index.js';
import { Account } from '@pulumi/gcp/serviceaccount/index.js';
import { type ComponentResource, interpolate, type Resource } from '@pulumi/pulumi';
import type { GkeSpec } from './gke-spec.ts';

const ninetyDays = '7776000s';

export interface ClusterKey {
  readonly key: CryptoKey;
  /** What must be there before anything is encrypted by it. */
  readonly grants: readonly Resource[];
}

/** The key of the cluster's Secrets and of its nodes' disks. Lost with the key is all that it encrypted. */
export function clusterKey(
  name: string,
  { project, region, production }: GkeSpec,
  parent: ComponentResource,
): ClusterKey {
  const kept = { parent, protect: production, retainOnDelete: true };
  const ring = new KeyRing(name, { project, location: region }, kept);
  const key = new CryptoKey(name, { keyRing: ring.id, purpose: 'ENCRYPT_DECRYPT', rotationPeriod: ninetyDays }, kept);
  const { number } = getProjectOutput({ projectId: project }, { parent });
  const agents = {
    gke: interpolate`serviceAccount:service-${number}@container-engine-robot.iam.gserviceaccount.com`,
    disks: interpolate`serviceAccount:service-${number}@compute-system.iam.gserviceaccount.com`,
  };
  const grants = Object.entries(agents).map(
    ([agent, member]) =>
      new CryptoKeyIAMMember(
        `${name}-${agent}`,
        { cryptoKeyId: key.id, role: 'roles/cloudkms.cryptoKeyEncrypterDecrypter', member },
        { parent },
      ),
  );
  return { key, grants };
}

/** What a node needs to write logs and metrics and to pull images; nothing of the project’s own. */
const nodeRoles = ['roles/container.defaultNodeServiceAccount', 'roles/artifactregistry.reader'];

/** An account for the nodes of one pool. Ids have at most 30 characters. */
export function nodeAccount(
  name: string,
  pool: string,
  { project }: GkeSpec,
  parent: ComponentResource,
): { readonly account: Account; readonly grants: readonly Resource[] } {
  const accountId = `${name.slice(0, 29 - pool.length - 6)}-${pool}-nodes`;
  const account = new Account(
    `${name}-${pool}`,
    { project, accountId, displayName: `Nodes of pool ${pool} of ${name}` },
    { parent },
  );
  const grants = nodeRoles.map(
    (role) =>
      new IAMMember(
        `${name}-${pool}-${role.replace('roles/', '')}`,
        { project, role, member: interpolate`serviceAccount:${account.email}` },
        { parent },
      ),
  );
  return { account, grants };
}
