import { type Case, changed } from './case.ts';

/** A cluster that keeps every recommendation. */
export const cluster = {
  resource: 'gcp:container/cluster:Cluster',
  name: 'shop',
  inputs: {
    removeDefaultNodePool: true,
    workloadIdentityConfig: { workloadPool: 'shop.svc.id.goog' },
    releaseChannel: { channel: 'REGULAR' },
    enableShieldedNodes: true,
    enableIntranodeVisibility: true,
    networkingMode: 'VPC_NATIVE',
    masterAuthorizedNetworksConfig: { cidrBlocks: [{ cidrBlock: '192.0.2.0/24' }] },
    privateClusterConfig: { enablePrivateEndpoint: true, enablePrivateNodes: true },
    datapathProvider: 'ADVANCED_DATAPATH',
    loggingConfig: { enableComponents: ['SYSTEM_COMPONENTS', 'WORKLOADS'] },
    authenticatorGroupsConfig: { securityGroup: 'gke-security-groups@example.org' },
    databaseEncryption: { state: 'ENCRYPTED', keyName: 'projects/shop/keys/gke' },
    binaryAuthorization: { evaluationMode: 'PROJECT_SINGLETON_POLICY_ENFORCE' },
  } as Record<string, unknown>,
};

/** A pool of edge nodes that keeps every recommendation and the edge's contract. */
export const edgePool = {
  resource: 'gcp:container/nodePool:NodePool',
  name: 'edge',
  inputs: {
    nodeCount: 1,
    nodeLocations: ['europe-west1-b', 'europe-west1-c'],
    management: { autoRepair: true, autoUpgrade: true },
    upgradeSettings: { maxSurge: 1, maxUnavailable: 0 },
    nodeConfig: {
      serviceAccount: 'nodes@shop.iam.gserviceaccount.com',
      workloadMetadataConfig: { mode: 'GKE_METADATA' },
      imageType: 'COS_CONTAINERD',
      shieldedInstanceConfig: { enableIntegrityMonitoring: true, enableSecureBoot: true },
      bootDiskKmsKey: 'projects/shop/keys/disks',
      labels: { role: 'edge-router' },
      taints: [{ key: 'dedicated', value: 'edge-router', effect: 'NO_SCHEDULE' }],
      tags: ['edge-router'],
    } as Record<string, unknown>,
  } as Record<string, unknown>,
};

const ofCluster: readonly (readonly [string, readonly string[], unknown, string])[] = [
  ['5-2-2-workload-identity', ['workloadIdentityConfig'], undefined, 'nothing'],
  ['5-3-1-secrets-encryption', ['databaseEncryption', 'state'], 'DECRYPTED', '"DECRYPTED"'],
  ['5-5-4-release-channel', ['releaseChannel', 'channel'], 'UNSPECIFIED', '"UNSPECIFIED"'],
  ['5-5-5-shielded-nodes', ['enableShieldedNodes'], false, 'false'],
  ['5-6-1-intranode-visibility', ['enableIntranodeVisibility'], undefined, 'nothing'],
  ['5-6-2-vpc-native', ['networkingMode'], 'ROUTES', '"ROUTES"'],
  ['5-6-4-private-endpoint', ['privateClusterConfig', 'enablePrivateEndpoint'], false, 'false'],
  ['5-6-5-private-nodes', ['privateClusterConfig', 'enablePrivateNodes'], false, 'false'],
  ['5-6-7-network-policy', ['datapathProvider'], 'LEGACY_DATAPATH', '"LEGACY_DATAPATH"'],
  ['5-7-1-logging', ['loggingConfig', 'enableComponents'], ['WORKLOADS'], 'others only'],
  ['5-8-1-no-basic-authentication', ['masterAuth', 'username'], 'admin', 'one'],
  ['5-8-2-no-client-certificate', ['masterAuth', 'clientCertificateConfig', 'issueClientCertificate'], true, 'true'],
  ['5-8-3-authenticator-groups', ['authenticatorGroupsConfig'], undefined, 'nothing'],
  ['5-8-4-no-legacy-authorization', ['enableLegacyAbac'], true, 'true'],
  ['5-10-5-binary-authorization', ['binaryAuthorization', 'evaluationMode'], 'DISABLED', '"DISABLED"'],
];

const ofNodes: readonly (readonly [string, readonly string[], unknown, string])[] = [
  ['5-2-1-node-service-account', ['nodeConfig', 'serviceAccount'], undefined, 'nothing'],
  ['5-2-2-metadata-server', ['nodeConfig', 'workloadMetadataConfig', 'mode'], 'GCE_METADATA', '"GCE_METADATA"'],
  ['5-5-1-container-optimized-os', ['nodeConfig', 'imageType'], 'UBUNTU_CONTAINERD', '"UBUNTU_CONTAINERD"'],
  ['5-5-2-auto-repair', ['management', 'autoRepair'], false, 'false'],
  ['5-5-3-auto-upgrade', ['management', 'autoUpgrade'], false, 'false'],
  ['5-5-6-integrity-monitoring', ['nodeConfig', 'shieldedInstanceConfig', 'enableIntegrityMonitoring'], false, 'false'],
  ['5-5-7-secure-boot', ['nodeConfig', 'shieldedInstanceConfig', 'enableSecureBoot'], undefined, 'nothing'],
  ['5-9-1-boot-disk-key', ['nodeConfig', 'bootDiskKmsKey'], undefined, 'nothing'],
];

function casesOf(base: typeof cluster, rows: typeof ofCluster): readonly Case[] {
  return rows.map(([id, path, to, found]) => ({
    rule: `cis-gke-${id}`,
    pass: [base],
    fail: [changed(base, ['inputs', ...path], to)],
    found,
  }));
}

const open = changed(cluster, ['inputs', 'privateClusterConfig', 'enablePrivateEndpoint'], false);

export const cisGkeCases: readonly Case[] = [
  ...casesOf(cluster, ofCluster),
  ...casesOf(edgePool, ofNodes),
  {
    rule: 'cis-gke-5-6-3-authorized-networks',
    pass: [cluster],
    fail: [changed(open, ['inputs', 'masterAuthorizedNetworksConfig'], undefined)],
    found: 'nothing',
  },
];
