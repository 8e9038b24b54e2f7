import type { ParsedApp } from '../../model/definition.ts';
import type { Path } from '../../model/path.ts';
import type { AppPlan, AppReference } from '../plan.ts';
import { quote } from './definition.ts';
import { type Directory, type Entry, findApp } from './directory.ts';

type Call = Exclude<AppPlan['calls'], 'any'>[number];
type WrittenCall = Exclude<NonNullable<ParsedApp['calls']>, 'any'>[number];
type WrittenCaller = Exclude<NonNullable<ParsedApp['callers']>, 'any'>[number];

/** Who may call the app, and whom it may call, with namespaces filled in. */
export function callPlans(entry: Entry, directory: Directory): Pick<AppPlan, 'callers' | 'calls'> {
  const { parsed } = entry.definition;
  if (parsed.kind === 'EdgeRoutes') return { callers: 'any', calls: 'any' };
  const { callers = [], calls = 'any' } = parsed.value;
  return {
    callers:
      callers === 'any'
        ? 'any'
        : callers
            .map((caller, index) => appReference(entry, caller, ['callers', index], directory))
            .filter((caller) => caller !== null)
            .toSorted(byKey),
    calls:
      calls === 'any'
        ? 'any'
        : calls
            .map((call, index) => callPlan(entry, call, ['calls', index], directory))
            .filter((call) => call !== null)
            .toSorted((a, b) => (callText(a) < callText(b) ? -1 : 1)),
  };
}

function callPlan(entry: Entry, call: WrittenCall, path: Path, directory: Directory): Call | null {
  if (typeof call === 'string' || !('cidr' in call)) return appReference(entry, call, path, directory);
  return { cidr: call.cidr, port: call.port };
}

function appReference(entry: Entry, written: WrittenCaller, path: Path, directory: Directory): AppReference | null {
  const { namespace } = entry.definition;
  const reference = typeof written === 'string' ? { namespace, app: written } : written;
  const found = findApp(directory, reference, { report: entry.report, path });
  if (found === null) return null;
  if (found.definition.parsed.kind === 'EdgeRoutes') {
    entry.report(path, 'unknown-pods', {
      found: `${quote(reference.app)}, which is routes on a Service of someone else’s`,
      expected: 'an app, whose pods are known here',
      fix: 'Name its addresses as { cidr, port }, or "any".',
    });
    return null;
  }
  return { namespace: reference.namespace, app: reference.app };
}

/** A call that one side declares and the other refuses would be dropped without a word: both must say so. */
export function reportCalls(apps: readonly AppPlan[], directory: Directory): void {
  const admitted = new Map(apps.map((app) => [`${app.namespace}/${app.name}`, app.callers]));
  for (const app of apps) {
    if (app.calls === 'any') continue;
    for (const call of app.calls) {
      if ('cidr' in call) continue;
      const callers = admitted.get(`${call.namespace}/${call.app}`);
      if (callers === undefined || callers === 'any') continue;
      if (callers.some((caller) => caller.namespace === app.namespace && caller.app === app.name)) continue;
      directory.get(`${app.namespace}/${app.name}`)?.report(['calls'], 'call-not-admitted', {
        found: `a call of ${call.namespace}/${call.app}, which does not name ${app.namespace}/${app.name} among its callers`,
        expected: 'both sides to declare the call',
        fix: `Add { app: "${app.name}", namespace: "${app.namespace}" } to the callers of ${call.namespace}/${call.app}.`,
      });
    }
  }
}

function callText(call: Call): string {
  return 'cidr' in call ? `~${call.cidr}:${call.port}` : `${call.namespace}/${call.app}`;
}

function byKey(a: AppReference, b: AppReference): number {
  return `${a.namespace}/${a.app}` < `${b.namespace}/${b.app}` ? -1 : 1;
}
