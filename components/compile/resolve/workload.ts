import type { ParsedApp } from '../../model/definition.ts';
import { defaults } from '../defaults.ts';
import type { ServicePlan, WorkloadPlan } from '../plan.ts';
import { availability } from './availability.ts';
import { type ContainerContext, mainContainer, sideContainer } from './containers.ts';
import type { Report } from './definition.ts';
import type { Entry } from './directory.ts';
import type { PodPorts } from './ports.ts';
import { volumeSet } from './volumes.ts';

/** The workload of an app with every default filled in. */
export function workloadPlan(
  app: ParsedApp,
  ports: PodPorts,
  images: Readonly<Record<string, string>>,
  report: Report,
): WorkloadPlan {
  const { volumes, configFiles, fileMounts, scratch, readOnlyVolumes } = volumeSet(app);
  const context: ContainerContext = {
    images,
    readOnlyVolumes,
    report,
  };
  const { readiness } = app.probes;
  const { disruption } = app;
  return {
    ...availability(app, ports.all.length > 0, report),
    containers: [
      mainContainer(app, ports, [...scratch, ...fileMounts], context),
      ...sideContainers(app.sidecars, scratch, context),
    ],
    initContainers: sideContainers(app.initContainers, scratch, context),
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

function sideContainers(
  list: ParsedApp['sidecars'],
  scratch: Parameters<typeof sideContainer>[1],
  context: ContainerContext,
): readonly ReturnType<typeof sideContainer>[] {
  return list === undefined ? [] : list.map((container) => sideContainer(container, scratch, context));
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
export function servicePlan({ definition, service, ports }: Entry): ServicePlan | null {
  const { parsed } = definition;
  if (parsed.kind === 'EdgeRoutes') return { ...existingService, name: service, ports: ports.all };
  if (ports.all.length === 0) return null;
  const written = parsed.value.service;
  const type = written?.type ?? 'ClusterIP';
  const outside = type === 'NodePort' || type === 'LoadBalancer';
  return {
    name: service,
    managed: true,
    type,
    ports: ports.all,
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
