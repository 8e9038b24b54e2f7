import { authenticatorGroups } from './cis-gke/authenticator-groups.ts';
import { authorizedNetworks } from './cis-gke/authorized-networks.ts';
import { autoRepair } from './cis-gke/auto-repair.ts';
import { autoUpgrade } from './cis-gke/auto-upgrade.ts';
import { binaryAuthorization } from './cis-gke/binary-authorization.ts';
import { bootDiskKey } from './cis-gke/boot-disk-key.ts';
import { cosImages } from './cis-gke/container-optimized-os.ts';
import { integrityMonitoring } from './cis-gke/integrity-monitoring.ts';
import { intranodeVisibility } from './cis-gke/intranode-visibility.ts';
import { logging } from './cis-gke/logging.ts';
import { metadataServer } from './cis-gke/metadata-server.ts';
import { networkPolicyEnforced } from './cis-gke/network-policy.ts';
import { noBasicAuthentication } from './cis-gke/no-basic-authentication.ts';
import { noClientCertificate } from './cis-gke/no-client-certificate.ts';
import { noLegacyAuthorization } from './cis-gke/no-legacy-authorization.ts';
import { nodeServiceAccounts } from './cis-gke/node-service-account.ts';
import { privateEndpoint } from './cis-gke/private-endpoint.ts';
import { privateNodes } from './cis-gke/private-nodes.ts';
import { releaseChannel } from './cis-gke/release-channel.ts';
import { secretsEncryption } from './cis-gke/secrets-encryption.ts';
import { secureBoot } from './cis-gke/secure-boot.ts';
import { shieldedNodes } from './cis-gke/shielded-nodes.ts';
import { vpcNative } from './cis-gke/vpc-native.ts';
import { workloadIdentity } from './cis-gke/workload-identity.ts';
import type { Rule } from './rule.ts';

/** What the CIS benchmark asks of clusters on GKE, in the order of its numbers. */
export const cisGkeRules: readonly Rule[] = [
  nodeServiceAccounts,
  metadataServer,
  workloadIdentity,
  secretsEncryption,
  cosImages,
  autoRepair,
  autoUpgrade,
  releaseChannel,
  shieldedNodes,
  integrityMonitoring,
  secureBoot,
  intranodeVisibility,
  vpcNative,
  authorizedNetworks,
  privateEndpoint,
  privateNodes,
  networkPolicyEnforced,
  logging,
  noBasicAuthentication,
  noClientCertificate,
  authenticatorGroups,
  noLegacyAuthorization,
  bootDiskKey,
  binaryAuthorization,
];
