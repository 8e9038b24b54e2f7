import { hostText } from '../../../model/route-match.ts';
import type { KubeObject } from '../../output.ts';
import type { RoutePlan } from '../../plan.ts';
import type { Metadata } from './context.ts';

/** One cert-manager Certificate for each Secret that an app's routes ask an issuer for, with all their hosts. */
export function certificateObjects(
  routes: readonly RoutePlan[],
  meta: (name: string) => Metadata,
): readonly KubeObject[] {
  const names = new Map<string, { readonly issuer: { name: string; kind: string }; readonly hosts: Set<string> }>();
  for (const { tls, match } of routes) {
    if (tls.kind !== 'issuer' || match.host.kind === 'any') continue;
    const issuer = { name: tls.name, kind: tls.cluster ? 'ClusterIssuer' : 'Issuer' };
    const entry = names.get(tls.secretName) ?? { issuer, hosts: new Set<string>() };
    entry.hosts.add(hostText(match.host));
    names.set(tls.secretName, entry);
  }
  return [...names].map(([secretName, { issuer, hosts }]) => ({
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: meta(secretName),
    spec: {
      secretName,
      issuerRef: { ...issuer, group: 'cert-manager.io' },
      dnsNames: [...hosts].toSorted(),
      privateKey: { rotationPolicy: 'Always' },
    },
  }));
}
