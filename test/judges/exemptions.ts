import type { Finding } from './judges.ts';

/** A finding of an outside judge that we live with: why, who answers for it, and the day it is looked at again. */
export interface Exemption {
  readonly judge: Finding['judge'];
  readonly check: string;
  /** `stack/Kind/namespace/name`; a `*` stands for one whole part. */
  readonly object: string;
  readonly reason: string;
  readonly owner: string;
  /** YYYY-MM-DD. After this day the finding counts again. */
  readonly until: string;
}

const review = { owner: 'edgeplane maintainers', until: '2027-11-01' } as const;
const edge = '*/DaemonSet/edgeplane-edge/edgeplane-edge';
const internalEdge = '*/DaemonSet/edgeplane-internal/edgeplane-internal';
const immutable = 'images are named by digest or by content, so that pulling again changes nothing but the start';
const noCpuLimit =
  'throttling a router adds latency for every app behind it; its request is guaranteed, its memory limited';
const openEgress = 'egress is limited where an app declares `calls`; the edge must reach every app';
const noLiveness =
  'a liveness probe is the author’s choice: one that fails with the app’s dependencies restarts all of it';
const onePod = 'one pod is enough where only its developers call it';
const notDeployed = 'clouds pin digests; these environments follow the tags that are built on the spot';

/** Every exemption must match at least one finding, so that none outlives its cause. */
export const exemptions: readonly Exemption[] = [
  { judge: 'kube-score', check: 'container-image-pull-policy', object: '*/*/*/*', reason: immutable, ...review },
  { judge: 'checkov', check: 'CKV_K8S_15', object: '*/*/*/*', reason: immutable, ...review },
  { judge: 'kube-score', check: 'container-resources', object: edge, reason: noCpuLimit, ...review },
  { judge: 'checkov', check: 'CKV_K8S_11', object: edge, reason: noCpuLimit, ...review },
  { judge: 'kube-score', check: 'container-resources', object: internalEdge, reason: noCpuLimit, ...review },
  { judge: 'checkov', check: 'CKV_K8S_11', object: internalEdge, reason: noCpuLimit, ...review },
  {
    judge: 'kube-score',
    check: 'service-type',
    object: 'internal/Service/*/*',
    reason: 'ports of the nodes are what the catalog publishes',
    ...review,
  },
  { judge: 'kube-score', check: 'pod-networkpolicy', object: '*/*/*/*', reason: openEgress, ...review },
  {
    judge: 'kube-score',
    check: 'deployment-has-host-podantiaffinity',
    object: '*/Deployment/*/*',
    reason: 'spread over hosts and zones by topologySpreadConstraints, which this check does not read',
    ...review,
  },
  {
    judge: 'kube-score',
    check: 'deployment-replicas',
    object: 'dev/Deployment/*/*',
    reason: onePod,
    ...review,
  },
  { judge: 'kube-score', check: 'deployment-replicas', object: 'local/Deployment/*/*', reason: onePod, ...review },
  { judge: 'checkov', check: 'CKV_K8S_8', object: '*/Deployment/*/*', reason: noLiveness, ...review },
  { judge: 'kube-score', check: 'pod-probes', object: '*/Deployment/*/*', reason: noLiveness, ...review },
  {
    judge: 'checkov',
    check: 'CKV_K8S_26',
    object: edge,
    reason: 'host ports are what the exposure `hostPort` asks for; the Pod Security test holds it to exactly that',
    ...review,
  },
  {
    judge: 'checkov',
    check: 'CKV_K8S_38',
    object: edge,
    reason: 'the edge reads routes from the API server; its role is cut to what it reads',
    ...review,
  },
  {
    judge: 'checkov',
    check: 'CKV_K8S_38',
    object: internalEdge,
    reason: 'the internal edge reads its guards from the API server; its role is cut to what it reads',
    ...review,
  },
  {
    judge: 'checkov',
    check: 'CKV_K8S_38',
    object: '*/Deployment/edgeplane-internal/edgeplane-catalog',
    reason: 'the publisher reads Services, nodes and endpoints, and writes nothing but events',
    ...review,
  },
  { judge: 'checkov', check: 'CKV_K8S_43', object: 'local/*/*/*', reason: notDeployed, ...review },
  { judge: 'checkov', check: 'CKV_K8S_43', object: 'nginx/*/*/*', reason: notDeployed, ...review },
  { judge: 'checkov', check: 'CKV_K8S_43', object: 'pods/*/*/*', reason: notDeployed, ...review },
  { judge: 'checkov', check: 'CKV_K8S_43', object: 'dev/*/*/*', reason: notDeployed, ...review },
];

/** Whether an exemption covers a finding. */
export function covers(exemption: Exemption, finding: Finding): boolean {
  const wanted = exemption.object.split('/');
  const parts = finding.object.split('/');
  const samePlace =
    wanted.length === parts.length && wanted.every((part, index) => part === '*' || part === parts[index]);
  return exemption.judge === finding.judge && exemption.check === finding.check && samePlace;
}
