import type { PodSpec, PodTemplateSpec, TopologySpreadConstraint, Volume } from 'kubernetes-types/core/v1';
import { annotation, appNameLabel } from '../metadata.ts';
import { shortHash } from '../names.ts';
import type { VolumePlan, WorkloadPlan } from '../plan.ts';
import { filesVolume } from '../resolve/volumes.ts';
import { container } from './container.ts';
import { filesName } from './files.ts';

/** What a pod template takes over from its app. */
export interface PodOwner {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The pod template of a workload. A change of a file changes its hash, which rolls the pods. */
export function podTemplate(owner: PodOwner, plan: WorkloadPlan): PodTemplateSpec {
  const files = plan.configFiles;
  const hash = files.length === 0 ? {} : { [annotation.filesHash]: shortHash(JSON.stringify(files)) };
  return {
    metadata: { labels: { ...owner.labels }, annotations: { ...owner.annotations, ...hash } },
    spec: podSpec(owner, plan),
  };
}

/** The pod's part of Pod Security restricted. */
export function restrictedPod(runAsUser: number, runAsGroup: number): NonNullable<PodSpec['securityContext']> {
  return {
    fsGroup: runAsGroup,
    fsGroupChangePolicy: 'OnRootMismatch',
    runAsGroup,
    runAsNonRoot: true,
    runAsUser,
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

function podSpec(owner: PodOwner, plan: WorkloadPlan): PodSpec {
  const { placement, security, serviceAccount, rollout } = plan;
  const spread = topologySpread(owner.name, plan);
  const tolerations = placement.tolerations.map(({ key, value, effect }) => ({
    key,
    ...(value === null ? { operator: 'Exists' } : { operator: 'Equal', value }),
    ...(effect === null ? {} : { effect }),
  }));
  const volumes = podVolumes(owner, plan);
  const { drainSeconds, preStopSeconds } = rollout;
  return {
    automountServiceAccountToken: serviceAccount.mountToken !== null,
    containers: plan.containers.map((each) => container(each, security, preStopSeconds)),
    enableServiceLinks: false,
    ...(plan.initContainers.length === 0
      ? {}
      : { initContainers: plan.initContainers.map((each) => container(each, security, 0)) }),
    ...(Object.keys(placement.nodeLabels).length === 0 ? {} : { nodeSelector: { ...placement.nodeLabels } }),
    ...(placement.priorityClass === null ? {} : { priorityClassName: placement.priorityClass }),
    securityContext: restrictedPod(security.runAsUser, security.runAsGroup),
    serviceAccountName: serviceAccount.name,
    terminationGracePeriodSeconds: preStopSeconds + drainSeconds,
    ...(tolerations.length === 0 ? {} : { tolerations }),
    ...(spread.length === 0 ? {} : { topologySpreadConstraints: spread }),
    ...(volumes.length === 0 ? {} : { volumes }),
  };
}

/** Pods of one revision are spread, where the cluster has room: a rollout is not counted against its predecessor. */
export function spreadConstraints(name: string, over: 'hosts' | 'zones' | 'both'): TopologySpreadConstraint[] {
  const keys = {
    hosts: ['kubernetes.io/hostname'],
    zones: ['topology.kubernetes.io/zone'],
    both: ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'],
  }[over];
  return keys.map((topologyKey) => ({
    labelSelector: { matchLabels: { [appNameLabel]: name } },
    matchLabelKeys: ['pod-template-hash'],
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
  }));
}

function topologySpread(name: string, { kind, placement }: WorkloadPlan): TopologySpreadConstraint[] {
  return kind === 'DaemonSet' || placement.spread === 'none' ? [] : spreadConstraints(name, placement.spread);
}

function podVolumes(owner: PodOwner, plan: WorkloadPlan): Volume[] {
  const volumes = plan.volumes.map(volume);
  if (plan.configFiles.length > 0) volumes.push({ name: filesVolume, configMap: { name: filesName(owner) } });
  return volumes;
}

function volume(plan: VolumePlan): Volume {
  const { name } = plan;
  switch (plan.kind) {
    case 'empty':
      return { name, emptyDir: { ...(plan.memory ? { medium: 'Memory' } : {}), sizeLimit: plan.sizeLimit } };
    case 'claim':
      return { name, persistentVolumeClaim: { claimName: plan.claim, ...(plan.readOnly ? { readOnly: true } : {}) } };
    case 'secret':
      return { name, secret: { secretName: plan.source, ...items(plan.items) } };
    case 'config':
      return { name, configMap: { name: plan.source, ...items(plan.items) } };
    default:
      return plan satisfies never;
  }
}

function items(list: readonly { readonly key: string; readonly path: string }[] | null) {
  return list === null ? {} : { items: list.map(({ key, path }) => ({ key, path })) };
}
