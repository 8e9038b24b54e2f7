import { type Cluster, NodePool } from '@pulumi/gcp/container/index.js';
import type { ComponentResource, Inputs, Resource } from '@pulumi/pulumi';
import { type ClusterKey, nodeAccount } from './gke-access.ts';
import { nodeTagOf } from './gke-network.ts';
import type { GkeSpec } from './gke-spec.ts';

/** What all nodes have in common: Container-Optimized OS, a measured boot, encrypted disks, no token of the node. */
export function nodeConfig(machineType: string, key: ClusterKey, tags: readonly string[]) {
  return {
    machineType,
    imageType: 'COS_CONTAINERD',
    diskType: 'pd-balanced',
    diskSizeGb: 50,
    bootDiskKmsKey: key.key.id,
    oauthScopes: ['https://www.googleapis.com/auth/cloud-platform'],
    workloadMetadataConfig: { mode: 'GKE_METADATA' },
    shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
    metadata: { 'disable-legacy-endpoints': 'true' },
    tags: [...tags],
  };
}

interface Pool {
  readonly name: string;
  readonly cluster: Cluster;
  readonly key: ClusterKey;
  readonly parent: ComponentResource;
}

/** Nodes of the apps, as many as their pods need. */
export function appPool({ name, cluster, key, parent }: Pool, spec: GkeSpec): NodePool {
  const { account, grants } = nodeAccount(name, 'apps', spec, parent);
  const { machineType, min, max } = spec.appPool;
  const config = { ...nodeConfig(machineType, key, [nodeTagOf(spec)]), serviceAccount: account.email };
  return pool(`${name}-apps`, cluster, spec, grants, parent, {
    autoscaling: { totalMinNodeCount: min, totalMaxNodeCount: max, locationPolicy: 'BALANCED' },
    nodeConfig: config,
  });
}

/** Nodes for the edge alone: nothing else tolerates the taint, and firewalls open to their tag. */
export function edgePool({ name, cluster, key, parent }: Pool, spec: GkeSpec): NodePool {
  const { account, grants } = nodeAccount(name, 'edge', spec, parent);
  const { machineType, nodesPerZone, label, taint, networkTag } = spec.edgePool;
  const config = {
    ...nodeConfig(machineType, key, [nodeTagOf(spec), networkTag]),
    serviceAccount: account.email,
    labels: { [label.key]: label.value },
    taints: [{ key: taint.key, value: taint.value, effect: taint.effect }],
  };
  return pool(`${name}-edge`, cluster, spec, grants, parent, { nodeCount: nodesPerZone, nodeConfig: config });
}

/** Named by Pulumi, so that a pool which must be replaced is there before the old one goes. */
function pool(
  name: string,
  cluster: Cluster,
  { project, region, zones }: GkeSpec,
  dependsOn: readonly Resource[],
  parent: ComponentResource,
  args: Inputs,
): NodePool {
  return new NodePool(
    name,
    {
      project,
      location: region,
      cluster: cluster.name,
      nodeLocations: [...zones],
      management: { autoRepair: true, autoUpgrade: true },
      upgradeSettings: { maxSurge: 1, maxUnavailable: 0 },
      ...args,
    },
    { parent, dependsOn: [...dependsOn] },
  );
}
