import type { Container, EnvVar, Probe, SecurityContext } from 'kubernetes-types/core/v1';
import type { ContainerPlan, PortPlan, ProbePlan, ValueSource, WorkloadPlan } from '../plan.ts';

/** Pod Security restricted, in full, on the container itself; what the pod says too is said once more for linters. */
export function restrictedContainer(options: {
  readonly readOnlyRoot: boolean;
  readonly bindLowPorts: boolean;
}): SecurityContext {
  if (options.readOnlyRoot && !options.bindLowPorts) return usualContainer;
  return {
    allowPrivilegeEscalation: false,
    capabilities: options.bindLowPorts ? { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } : { drop: ['ALL'] },
    privileged: false,
    readOnlyRootFilesystem: options.readOnlyRoot,
    runAsNonRoot: true,
  };
}

/** What nearly every container has, made once. */
const usualContainer: SecurityContext = Object.freeze({
  allowPrivilegeEscalation: false,
  capabilities: Object.freeze({ drop: Object.freeze(['ALL']) as string[] }),
  privileged: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
});

/** One container of an app's pod. `preStopSeconds` above 0: it goes on serving that long before the stop signal. */
export function container(plan: ContainerPlan, security: WorkloadPlan['security'], preStopSeconds: number): Container {
  const { readiness, liveness, startup } = plan.probes;
  return {
    name: plan.name,
    image: plan.image,
    imagePullPolicy: 'IfNotPresent',
    ...(plan.command === null ? {} : { command: [...plan.command] }),
    ...(plan.args === null ? {} : { args: [...plan.args] }),
    ...(plan.env.length === 0 ? {} : { env: plan.env.map(({ name, source }) => envVar(name, source)) }),
    ...(plan.ports.length === 0 ? {} : { ports: plan.ports.map(containerPort) }),
    ...(startup === null ? {} : { startupProbe: probe(startup) }),
    ...(readiness === null ? {} : { readinessProbe: probe(readiness) }),
    ...(liveness === null ? {} : { livenessProbe: probe(liveness) }),
    ...(preStopSeconds === 0 ? {} : { lifecycle: { preStop: { sleep: { seconds: preStopSeconds } } } }),
    resources: resources(plan.resources),
    securityContext: restrictedContainer({
      readOnlyRoot: security.writableRootFilesystem === null,
      bindLowPorts: security.bindLowPorts,
    }),
    ...(plan.mounts.length === 0 ? {} : { volumeMounts: plan.mounts.map(volumeMount) }),
  };
}

/** Values are literal: `$(NAME)`, which the kubelet would replace, is escaped. */
function envVar(name: string, source: ValueSource): EnvVar {
  switch (source.kind) {
    case 'value':
      return { name, value: source.value.replaceAll('$(', '$$$$(') };
    case 'secret':
      return { name, valueFrom: { secretKeyRef: { name: source.name, key: source.key } } };
    case 'config':
      return { name, valueFrom: { configMapKeyRef: { name: source.name, key: source.key } } };
    case 'field':
      return { name, valueFrom: { fieldRef: { fieldPath: source.path } } };
    default:
      return source satisfies never;
  }
}

function containerPort({ name, containerPort: number, protocol }: PortPlan) {
  return { name, containerPort: number, protocol: transport(protocol) };
}

/** The transport Kubernetes knows below what we call a protocol. */
export function transport(protocol: PortPlan['protocol']): 'TCP' | 'UDP' {
  return protocol === 'udp' ? 'UDP' : 'TCP';
}

function resources({ cpu, cpuLimit, memory, ephemeralStorage }: ContainerPlan['resources']) {
  return {
    requests: { cpu, memory, 'ephemeral-storage': ephemeralStorage },
    limits: { ...(cpuLimit === null ? {} : { cpu: cpuLimit }), memory, 'ephemeral-storage': ephemeralStorage },
  };
}

function volumeMount({ path, volume, subPath, readOnly }: ContainerPlan['mounts'][number]) {
  return {
    name: volume,
    mountPath: path,
    ...(subPath === null ? {} : { subPath }),
    ...(readOnly ? { readOnly } : {}),
  };
}

function probe(plan: ProbePlan): Probe {
  const { initialDelaySeconds, periodSeconds, timeoutSeconds, failureThreshold } = plan;
  return {
    ...probeCheck(plan.check),
    ...(initialDelaySeconds === 0 ? {} : { initialDelaySeconds }),
    periodSeconds,
    timeoutSeconds,
    failureThreshold,
  };
}

function probeCheck(check: ProbePlan['check']): Probe {
  switch (check.kind) {
    case 'http': {
      const httpHeaders = check.headers.map(({ name, value }) => ({ name, value }));
      return { httpGet: { path: check.path, port: check.port, ...(httpHeaders.length === 0 ? {} : { httpHeaders }) } };
    }
    case 'tcp':
      return { tcpSocket: { port: check.port } };
    case 'grpc':
      return { grpc: { port: check.port, ...(check.service === null ? {} : { service: check.service }) } };
    case 'command':
      return { exec: { command: [...check.command] } };
    default:
      return check satisfies never;
  }
}
