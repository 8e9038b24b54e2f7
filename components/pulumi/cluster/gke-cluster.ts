import { Cluster, type NodePool } from '@pulumi/gcp/container/index.js';
import type { Provider } from '@pulumi/kubernetes';
import { all, ComponentResource, type ComponentResourceOptions, log, type Output } from '@pulumi/pulumi';
import { type Connection, execKubeconfig } from './connection.ts';
import { type ClusterKey, clusterKey } from './gke-access.ts';
import {
  type GkeNetwork,
  gkeAddress,
  gkeFirewall,
  gkeNetwork,
  nodeTagOf,
  podRange,
  serviceRange,
} from './gke-network.ts';
import { appPool, edgePool, nodeConfig } from './gke-pools.ts';
import type { GkeSpec } from './gke-spec.ts';
import { type NodePoolIdentity, poolIdentities, replacingEdits } from './node-pool-edits.ts';
import { kubernetesProvider } from './provider.ts';

export interface GkeClusterArgs {
  readonly spec: GkeSpec;
  /** The output `nodePools` of the last update, for warnings. @default none: nothing is warned about */
  readonly formerPools?: unknown;
}

/**
 * A private GKE cluster: network, keys, accounts, a pool for apps and one for the edge, firewall and address of the
 * edge. Every default is the one that the CIS benchmark asks for.
 */
export class GkeCluster extends ComponentResource {
  readonly connection: Output<Connection>;
  readonly provider: Provider;
  /** Address of the edge; null where nodes are reached themselves. */
  readonly address: Output<string> | null;
  /** What nodes are made with; to be kept in the stack's output `nodePools`. */
  readonly nodePools: Readonly<Record<string, NodePoolIdentity>>;

  constructor(name: string, { spec, formerPools }: GkeClusterArgs, options: ComponentResourceOptions = {}) {
    super('edgeplane:cluster:GkeCluster', name, {}, options);
    this.nodePools = poolIdentities(spec);
    for (const words of replacingEdits(formerPools, this.nodePools)) void log.warn(words, this);
    const network = gkeNetwork(name, spec, this);
    const key = clusterKey(name, spec, this);
    const cluster = controlPlane(name, spec, network, key, this);
    const pool = { name, cluster, key, parent: this };
    const pools = [appPool(pool, spec), edgePool(pool, spec)];
    this.address = gkeAddress(name, spec, network, this);
    gkeFirewall(name, spec, network, this.address, this);
    const identifier = `gke/${spec.project}/${spec.region}/${name}`;
    const kubeconfig = kubeconfigOf(name, cluster, pools);
    this.connection = kubeconfig.apply((text) => ({ kubeconfig: text, context: null, identifier }));
    this.provider = kubernetesProvider(name, { kubeconfig, context: null, identifier }, { parent: this });
    this.registerOutputs({ address: this.address, nodePools: this.nodePools });
  }
}

/** Known when nodes are there: objects that were applied before would wait for them. */
function kubeconfigOf(name: string, cluster: Cluster, pools: readonly NodePool[]): Output<string> {
  return all([cluster.endpoint, cluster.masterAuth, all(pools.map(({ id }) => id))]).apply(([endpoint, auth]) =>
    execKubeconfig(name, endpoint, auth.clusterCaCertificate),
  );
}

function controlPlane(
  name: string,
  spec: GkeSpec,
  { network, subnetwork, nat }: GkeNetwork,
  key: ClusterKey,
  parent: ComponentResource,
): Cluster {
  return new Cluster(
    name,
    {
      project: spec.project,
      location: spec.region,
      nodeLocations: [...spec.zones],
      network: network.id,
      subnetwork: subnetwork.id,
      deletionProtection: spec.production,
      // Its first pool goes at once; pools of their own can be changed without the cluster.
      removeDefaultNodePool: true,
      initialNodeCount: 1,
      nodeConfig: nodeConfig(spec.edgePool.machineType, key, [nodeTagOf(spec)]),
      ...networking(spec),
      ...protection(spec, key),
      ...operation(spec),
    },
    {
      parent,
      protect: spec.production,
      ignoreChanges: ['nodeConfig', 'initialNodeCount'],
      dependsOn: [nat, ...key.grants],
    },
  );
}

function networking({ ranges, operators, privateEndpoint }: GkeSpec) {
  return {
    networkingMode: 'VPC_NATIVE',
    ipAllocationPolicy: { clusterSecondaryRangeName: podRange, servicesSecondaryRangeName: serviceRange },
    datapathProvider: 'ADVANCED_DATAPATH',
    enableIntranodeVisibility: true,
    enableL4IlbSubsetting: true,
    privateClusterConfig: {
      enablePrivateNodes: true,
      enablePrivateEndpoint: privateEndpoint,
      masterIpv4CidrBlock: ranges.controlPlane,
    },
    masterAuthorizedNetworksConfig: {
      gcpPublicCidrsAccessEnabled: false,
      cidrBlocks: operators.map((operator) => ({ displayName: operator.name, cidrBlock: operator.cidr })),
    },
  };
}

function protection({ project, securityGroup }: GkeSpec, { key }: ClusterKey) {
  return {
    workloadIdentityConfig: { workloadPool: `${project}.svc.id.goog` },
    databaseEncryption: { state: 'ENCRYPTED', keyName: key.id },
    enableShieldedNodes: true,
    enableLegacyAbac: false,
    masterAuth: { clientCertificateConfig: { issueClientCertificate: false } },
    binaryAuthorization: { evaluationMode: 'PROJECT_SINGLETON_POLICY_ENFORCE' },
    securityPostureConfig: { mode: 'BASIC' },
    ...(securityGroup === null ? {} : { authenticatorGroupsConfig: { securityGroup } }),
  };
}

function operation({ name, releaseChannel, maintenance }: GkeSpec) {
  return {
    releaseChannel: { channel: releaseChannel },
    maintenancePolicy: { recurringWindow: maintenance },
    loggingConfig: { enableComponents: ['SYSTEM_COMPONENTS', 'WORKLOADS'] },
    monitoringConfig: { enableComponents: ['SYSTEM_COMPONENTS'], managedPrometheus: { enabled: true } },
    resourceLabels: { environment: name, 'managed-by': 'edgeplane' },
  };
}
