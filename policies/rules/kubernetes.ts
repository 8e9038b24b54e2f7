import { edgeLayersAgree } from './edge/edge-layers-agree.ts';
import { edgeNodePoolContract } from './edge/edge-node-pool-contract.ts';
import { edgeNodesReserved } from './edge/edge-nodes-reserved.ts';
import { edgeServiceContract } from './edge/edge-service-contract.ts';
import { edgeWorkloadContract } from './edge/edge-workload-contract.ts';
import { firewallToEdge } from './edge/firewall-to-edge.ts';
import { oneOwner } from './edge/one-owner.ts';
import { openRouteReason } from './edge/open-route-reason.ts';
import { tlsOutsideLocal } from './edge/tls-outside-local.ts';
import { twoEdgeNodes } from './edge/two-edge-nodes.ts';
import { imagePinned } from './objects/image-pinned.ts';
import { networkPolicyPresent } from './objects/network-policy-present.ts';
import { secretInEnv } from './objects/secret-in-env.ts';
import { secretInObject } from './objects/secret-in-object.ts';
import { versionFloor } from './objects/version-floor.ts';
import { allowPrivilegeEscalation } from './pod-security/allow-privilege-escalation.ts';
import { appArmorProfile } from './pod-security/app-armor-profile.ts';
import { capabilitiesBaseline } from './pod-security/capabilities-baseline.ts';
import { capabilitiesRestricted } from './pod-security/capabilities-restricted.ts';
import { hostNamespaces } from './pod-security/host-namespaces.ts';
import { hostPathVolumes } from './pod-security/host-path-volumes.ts';
import { hostPorts } from './pod-security/host-ports.ts';
import { hostProbesAndHostLifecycle } from './pod-security/host-probes-and-host-lifecycle.ts';
import { privileged } from './pod-security/privileged.ts';
import { procMount } from './pod-security/proc-mount.ts';
import { procMountRestricted } from './pod-security/proc-mount-restricted.ts';
import { restrictedVolumes } from './pod-security/restricted-volumes.ts';
import { runAsNonRoot } from './pod-security/run-as-non-root.ts';
import { runAsUser } from './pod-security/run-as-user.ts';
import { seLinuxOptions } from './pod-security/se-linux-options.ts';
import { seccompProfileBaseline } from './pod-security/seccomp-profile-baseline.ts';
import { seccompProfileRestricted } from './pod-security/seccomp-profile-restricted.ts';
import { sysctls } from './pod-security/sysctls.ts';
import { windowsHostProcess } from './pod-security/windows-host-process.ts';
import type { Rule } from './rule.ts';

/** Rules that judge Kubernetes objects; some of them also pools of nodes. In the order of the documentation. */
export const kubernetesRules: readonly Rule[] = [
  allowPrivilegeEscalation,
  appArmorProfile,
  capabilitiesBaseline,
  capabilitiesRestricted,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbesAndHostLifecycle,
  privileged,
  procMount,
  procMountRestricted,
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
  seLinuxOptions,
  seccompProfileBaseline,
  seccompProfileRestricted,
  sysctls,
  windowsHostProcess,
  edgeLayersAgree,
  edgeNodePoolContract,
  edgeNodesReserved,
  edgeServiceContract,
  edgeWorkloadContract,
  firewallToEdge,
  oneOwner,
  openRouteReason,
  tlsOutsideLocal,
  twoEdgeNodes,
  imagePinned,
  networkPolicyPresent,
  secretInEnv,
  secretInObject,
  versionFloor,
];
