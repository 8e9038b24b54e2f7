import type { RoutePlan } from '../../plan.ts';

/** Headers an app trusts because forward auth of some of its routes sets them, by `namespace/app`. In lower case, sorted. */
export function identityHeaders(routes: readonly RoutePlan[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, Set<string>>();
  for (const { namespace, app, protection } of routes) {
    if (protection.kind !== 'forwardAuth') continue;
    const key = `${namespace}/${app}`;
    const own = names.get(key) ?? new Set<string>();
    for (const name of protection.responseHeaders) own.add(name.toLowerCase());
    names.set(key, own);
  }
  return new Map([...names].map(([app, own]) => [app, [...own].toSorted()]));
}
