import type { ParsedApp } from '../../model/definition.ts';
import { defaults } from '../defaults.ts';
import type { PortPlan, ServicePlan, WorkloadPlan } from '../plan.ts';
import { availability } from './availability.ts';
import { type ContainerContext, mainContainer, sideContainer } from './containers.ts';
import type { Report } from './definition.ts';
import type { Entry } from './directory.ts';
import { volumeSet } from './volumes.ts';

/** The workload of an app with every default filled in. */
export function workloadPlan(
  app: ParsedApp,
  ports: readonly PortPlan[],
  images: Readonly<Record<string, string>>,
  report: Report,
): WorkloadPlan {
  const { volumes, configFiles, fileMounts, scratch, readOnlyVolumes } = volumeSet(app, report);
  const context: ContainerContext = {
    images,
    volumes: new Set(volumes.map(({ name }) => name)),
    readOnlyVolumes,
    report,
  };
  const side = (list: ParsedApp['sidecars'], field: string) =>
    (list ?? []).map((container, index) => sideContainer(container, [field, index], scratch, context));
  const { readiness } = app.probes;
  const { disruption } = app;
  return {
    ...availability(app, ports.length > 0, report),
    containers: [mainContainer(app, ports, [...scratch, ...fileMounts], context), ...side(app.sidecars, 'sidecars')],
    initContainers: side(app.initContainers, 'initContainers'),
    placement: placementPlan(app),
    volumes,
    configFiles,
    security: securityPlan(app),
    serviceAccount: {
      name: app.serviceAccount?.name ?? app.name,
      managed: app.serviceAccount?.name === undefined,
      mountToken: app.serviceAccount?.mountToken ?? null,
    },
    without: {
      readiness: 'none' in readiness ? readiness.none : null,
      disruptionBudget: disruption !== undefined && 'none' in disruption ? disruption.none : null,
    },
  };
}

function placementPlan(app: ParsedApp): WorkloadPlan['placement'] {
  const written = app.placement;
  return {
    nodeLabels: written?.nodeLabels ?? {},
    tolerations: (written?.tolerations ?? []).map(({ key, value, effect }) => ({
      key,
      value: value ?? null,
      effect: effect ?? null,
    })),
    spread: app.workload === 'DaemonSet' ? 'none' : (written?.spread ?? 'both'),
    priorityClass: written?.priorityClass ?? null,
  };
}

function securityPlan(app: ParsedApp): WorkloadPlan['security'] {
  const runAsUser = app.security?.runAsUser ?? defaults.workload.runAsUser;
  return {
    runAsUser,
    runAsGroup: app.security?.runAsGroup ?? runAsUser,
    writableRootFilesystem: app.security?.writableRootFilesystem ?? null,
    bindLowPorts: app.security?.bindLowPorts ?? false,
  };
}

/** The Service of an app, or of a definition that only refers to one; null for a workload without ports. */
export function servicePlan({ definition, report, service, ports }: Entry): ServicePlan | null {
  const { parsed } = definition;
  if (parsed.kind === 'EdgeRoutes') return { ...existingService, name: service, ports };
  if (ports.length === 0) {
    if (parsed.value.service !== undefined)
      report(['service'], 'service-without-port', {
        found: 'a service, and no port',
        expected: 'a port for the Service to lead to',
        fix: 'Declare one, as ports: { http: 8080 }, or take service away.',
      });
    return null;
  }
  const written = parsed.value.service;
  const type = written?.type ?? 'ClusterIP';
  const outside = type === 'NodePort' || type === 'LoadBalancer';
  if (written !== undefined) reportService(written, type, report);
  return {
    name: service,
    managed: true,
    type,
    ports,
    sessionAffinity: written?.sessionAffinity ?? 'None',
    externalTrafficPolicy: outside ? (written?.externalTrafficPolicy ?? 'Local') : null,
    sourceRanges: written?.sourceRanges ?? [],
    annotations: written?.annotations ?? {},
  };
}

const existingService = {
  managed: false,
  type: 'ClusterIP',
  sessionAffinity: 'None',
  externalTrafficPolicy: null,
  sourceRanges: [],
  annotations: {},
} as const;

function reportService(written: NonNullable<ParsedApp['service']>, type: ServicePlan['type'], report: Report): void {
  if (written.externalTrafficPolicy !== undefined && type !== 'NodePort' && type !== 'LoadBalancer')
    report(['service', 'externalTrafficPolicy'], 'service-field-unused', {
      found: `externalTrafficPolicy on a Service of type ${type}`,
      expected: 'it only with type NodePort or LoadBalancer',
      fix: 'Take it away, or change the type.',
    });
  if (written.sourceRanges !== undefined && type !== 'LoadBalancer')
    report(['service', 'sourceRanges'], 'service-field-unused', {
      found: `sourceRanges on a Service of type ${type}`,
      expected: 'them only with type LoadBalancer',
      fix: 'Take them away, or change the type.',
    });
}
