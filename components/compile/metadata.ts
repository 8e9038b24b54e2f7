import type { ObjectMeta } from './output.ts';
import type { AppPlan, EnvironmentPlan, Plan } from './plan.ts';

/** Annotations that carry facts of the model to policies and readers. */
export const annotation = Object.freeze({
  environment: 'edgeplane.dev/environment',
  /** `local` or `production`, by which rules ask for less or more; absent elsewhere. */
  tier: 'edgeplane.dev/tier',
  owner: 'edgeplane.dev/owner',
  /** Why a route asks nobody. On the object that carries the route; on a Service: all of its open routes. */
  openReason: 'edgeplane.dev/open-reason',
  /** Hosts that the environment lets this namespace share, as `HOST=NAMESPACE,NAMESPACE`, several with a blank. */
  sharedHosts: 'edgeplane.dev/shared-hosts',
  /** On an edge's DaemonSet: how many edge nodes the environment has. */
  edgeNodes: 'edgeplane.dev/edge-nodes',
  /** The route an edge object serves: `RoutePlan.id`. */
  route: 'edgeplane.dev/route',
  /** Hash of the author's files, on the pod template: a change rolls the pods. */
  filesHash: 'edgeplane.dev/files-hash',
  writableRootReason: 'edgeplane.dev/writable-root-reason',
  mountTokenReason: 'edgeplane.dev/mount-token-reason',
  noReadinessReason: 'edgeplane.dev/no-readiness-reason',
  noBudgetReason: 'edgeplane.dev/no-disruption-budget-reason',
});

/** Label and value that every pod of an edge carries; network policies let exactly these pods in. */
export const edgePodLabels = Object.freeze({ 'edgeplane.dev/component': 'edge' });

/** The one label that selects the pods of an app. It never changes, because selectors of workloads are immutable. */
export const appNameLabel = 'app.kubernetes.io/name';

/** Labels of every object that belongs to an app. The author's come first and cannot replace ours: resolve refuses that. */
export function appLabels(app: Pick<AppPlan, 'name' | 'namespace' | 'labels'>): Readonly<Record<string, string>> {
  return {
    ...app.labels,
    [appNameLabel]: app.name,
    'app.kubernetes.io/managed-by': 'edgeplane',
    'app.kubernetes.io/part-of': app.namespace,
  };
}

/** What an environment says of itself on every object that is for it. */
export function environmentAnnotations({
  name,
  kind,
  production,
}: Pick<EnvironmentPlan, 'name' | 'kind' | 'production'>): Readonly<Record<string, string>> {
  const tier = production ? 'production' : kind === 'local' ? 'local' : null;
  return { [annotation.environment]: name, ...(tier === null ? {} : { [annotation.tier]: tier }) };
}

/** Annotations of every object that belongs to an app. */
export function appAnnotations(
  plan: Pick<Plan, 'environment'>,
  app: Pick<AppPlan, 'owner' | 'annotations' | 'namespace'>,
): Readonly<Record<string, string>> {
  return {
    ...app.annotations,
    ...environmentAnnotations(plan.environment),
    ...(app.owner === null ? {} : { [annotation.owner]: app.owner }),
    ...sharedHosts(plan.environment, app.namespace),
  };
}

function sharedHosts({ sharedHosts: grants }: EnvironmentPlan, namespace: string): Readonly<Record<string, string>> {
  const own = grants.filter(({ namespaces }) => namespaces.includes(namespace));
  if (own.length === 0) return {};
  return { [annotation.sharedHosts]: own.map(({ host, namespaces }) => `${host}=${namespaces.join(',')}`).join(' ') };
}

/** Metadata of an app's objects, which share their labels; `extra` are annotations of one object alone. */
export type AppMetadata = (name: string, extra?: Readonly<Record<string, string>>) => Required<ObjectMeta>;

/** Metadata of the objects of one app. Those that have its name and nothing of their own share one. */
export function appMetadata(plan: Pick<Plan, 'environment'>, app: AppPlan): AppMetadata {
  const { namespace } = app;
  const labels = appLabels(app);
  const annotations = appAnnotations(plan, app);
  const own = { name: app.name, namespace, labels, annotations };
  return (name, extra) => {
    if (extra !== undefined && hasFields(extra))
      return { name, namespace, labels, annotations: { ...annotations, ...extra } };
    return name === app.name ? own : { name, namespace, labels, annotations };
  };
}

function hasFields(object: object): boolean {
  for (const _ in object) return true;
  return false;
}

/** Labels of an object of the platform: the edge, a gatekeeper. */
export function platformLabels(name: string): Readonly<Record<string, string>> {
  return {
    [appNameLabel]: name,
    'app.kubernetes.io/managed-by': 'edgeplane',
    'app.kubernetes.io/part-of': 'edgeplane',
  };
}

/** Where the edge's pods are. `labels` is null for an edge someone else installed: all pods of its namespace count. */
export function edgePods(environment: EnvironmentPlan): {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>> | null;
} {
  const { edge, nginx } = environment;
  if (edge === 'nginx' && nginx.servedBy === 'ingress-nginx') return { namespace: nginx.namespace, labels: null };
  return environment.existingEdge === null
    ? { namespace: environment.edgeNamespace, labels: edgePodLabels }
    : { namespace: environment.existingEdge.namespace, labels: null };
}
