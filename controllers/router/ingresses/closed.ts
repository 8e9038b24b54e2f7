import { type HostGrants, hostMatch, wildcardOver } from '../../../components/dialects/host-grants.ts';
import type { HostMatch } from '../../../components/model/route-match.ts';

/** As much of a route as says whose it is. */
interface Held {
  readonly host: string;
  readonly namespace: string;
}

/**
 * The hosts that belong to somebody, have no route, and would fall to another namespace's wildcard or default backend.
 * A host that falls to a route of its owners is theirs still, and one that falls to nothing needs no word.
 */
export function closedHosts({ hosts: granted }: HostGrants, held: readonly Held[]): readonly HostMatch[] {
  const holders = new Map<string, Set<string>>();
  for (const { host, namespace } of held) holders.set(host, (holders.get(host) ?? new Set()).add(namespace));
  return [...granted].flatMap(([host, owners]) => {
    if (host === '*' || holders.has(host)) return [];
    const takers = holders.get(wildcardOver(host)) ?? holders.get('*') ?? [];
    return [...takers].every((namespace) => owners.has(namespace)) ? [] : [hostMatch(host)];
  });
}
