import type { ParsedRoute } from '../../model/definition.ts';
import type { Path } from '../../model/path.ts';
import { defaults } from '../defaults.ts';
import type { RouteAction, TargetPlan } from '../plan.ts';
import { type Directory, type Entry, findApp } from './directory.ts';
import { findPort } from './ports.ts';

type Written = ParsedRoute['to'];
type OneTarget = Exclude<NonNullable<Written>, readonly unknown[]>;

/** What a route does with a request: forward it to Services with ports as numbers, or answer with a redirect. */
export function actionPlan(
  entry: Entry,
  route: { readonly to?: Written; readonly redirect?: ParsedRoute['redirect'] },
  path: Path,
  directory: Directory,
): RouteAction {
  const { redirect, to } = route;
  if (redirect === undefined) return { kind: 'forward', targets: targetPlans(entry, to, [...path, 'to'], directory) };
  return {
    kind: 'redirect',
    status: redirect.status ?? defaults.route.redirectStatus,
    to: redirect.to ?? null,
    scheme: redirect.scheme ?? null,
    host: redirect.host ?? null,
    path: redirect.path ?? null,
  };
}

function targetPlans(entry: Entry, to: Written, path: Path, directory: Directory): readonly TargetPlan[] {
  if (!Array.isArray(to)) return [targetPlan(entry, to, path, directory)].filter((target) => target !== null);
  const list: readonly OneTarget[] = to;
  const targets = list
    .map((target, index) => targetPlan(entry, target, [...path, index], directory))
    .filter((target) => target !== null);
  reportSameTarget(entry, targets, path);
  return targets;
}

function reportSameTarget(entry: Entry, targets: readonly TargetPlan[], path: Path): void {
  const seen = new Set<string>();
  for (const { service, port } of targets) {
    if (seen.has(`${service}:${port}`))
      entry.report(path, 'target-twice', {
        found: `port ${port} of ${service} twice`,
        expected: 'each target once',
        fix: 'Add the weights up in one entry.',
      });
    seen.add(`${service}:${port}`);
  }
}

function targetPlan(entry: Entry, written: OneTarget | undefined, path: Path, directory: Directory): TargetPlan | null {
  const { app, port, weight } =
    typeof written === 'object' ? written : { app: undefined, port: written, weight: undefined };
  const { namespace } = entry.definition;
  const problem = { report: entry.report, path: app === undefined ? path : [...path, 'app'] };
  const target = app === undefined ? entry : findApp(directory, { namespace, app }, problem);
  if (target === null) return null;
  const place = { report: entry.report, path, of: app === undefined ? 'this app' : `app ${namespace}/${app}` };
  const found = findPort(target.ports, port, 'http', place);
  if (found === null || found.protocol === 'tcp' || found.protocol === 'udp') return null;
  return {
    namespace,
    service: target.service,
    port: found.servicePort,
    protocol: found.protocol,
    ca: found.ca,
    weight: weight ?? defaults.route.weight,
  };
}
