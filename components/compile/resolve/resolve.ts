import type { ParsedDefinition, ParsedEnvironment } from '../../model/definition.ts';
import type { Problem, Result } from '../../model/problem.ts';
import type { AppPlan, Plan } from '../plan.ts';
import { callPlans, reportCalls } from './calls.ts';
import { reportConflicts } from './conflicts.ts';
import { placeOf, reportOnEnvironment } from './definition.ts';
import { type Directory, directoryOf, type Entry } from './directory.ts';
import { environmentPlan } from './environment.ts';
import { reportHosts } from './hosts.ts';
import { applyOverlays } from './overlay.ts';
import { reportOwnImages } from './own-images.ts';
import { reportCertificates, reportNodePorts, reportOwnedServices, reportReserved } from './reserved.ts';
import { type RouteContext, routePlans } from './routes.ts';
import { servicePlan, workloadPlan } from './workload.ts';

/** Fills in every default and resolves every reference, or gives every problem of all apps and namespaces at once. */
export function resolve(environment: ParsedEnvironment, definitions: readonly ParsedDefinition[]): Result<Plan> {
  const problems: Problem[] = [];
  const environmentReport = reportOnEnvironment(environment, problems);
  const environmentOnly = environmentPlan(environment, environmentReport);
  const directory = directoryOf(applyOverlays(environment, definitions, problems), problems);
  const entries = [...directory.values()].toSorted((a, b) => compareKeys(a.definition, b.definition));
  const context: RouteContext = { environment, environmentReport, plan: environmentOnly, directory };
  const apps = entries.map((entry) => appPlan(entry, environment, directory));
  const routes = entries
    .flatMap((entry) => routePlans(entry, context))
    .toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const plan: Plan = { environment: environmentOnly, apps, routes };
  for (const entry of entries) reportReserved(entry, environmentOnly);
  reportOwnedServices(entries, directory);
  reportNodePorts(entries);
  reportCertificates(plan, environmentReport);
  reportOwnImages(plan, environmentReport);
  reportHosts(routes, environment, problems);
  reportConflicts(routes, problems);
  if (environmentOnly.networkPolicy) reportCalls(apps, directory);
  return problems.length === 0 ? { ok: true, value: plan } : { ok: false, problems };
}

function compareKeys(
  a: { readonly namespace: string; readonly name: string },
  b: { readonly namespace: string; readonly name: string },
): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}

function appPlan(entry: Entry, environment: ParsedEnvironment, directory: Directory): AppPlan {
  const { definition, report, ports } = entry;
  const { parsed, name, namespace } = definition;
  return {
    name,
    namespace,
    at: placeOf(definition, []),
    labels: parsed.value.labels ?? {},
    annotations: parsed.value.annotations ?? {},
    owner: parsed.value.owner ?? null,
    workload: parsed.kind === 'App' ? workloadPlan(parsed.value, ports, environment.images ?? {}, report) : null,
    service: servicePlan(entry),
    ...callPlans(entry, directory),
  };
}
