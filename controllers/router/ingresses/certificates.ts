import type { HostMatch } from '../../../components/model/route-match.ts';
import type { Certificate, HostCertificate, Rejection } from '../routing-table.ts';
import type { IngressFacts } from './ingress.ts';
import type { Asked } from './reading.ts';

type NamedHost = HostCertificate['host'];

/** Whether the Ingress has TLS for the host of a route. */
export function hasTls({ ingress, host }: Asked): boolean {
  return tlsOf(ingress, host) !== null;
}

/** The entry for a host: its own name, then a wildcard over it, then an entry without names, which is for all of them. */
function tlsOf(ingress: IngressFacts, host: HostMatch): IngressFacts['tls'][number] | null {
  const names = host.kind === 'any' ? [] : [nameOf(host), ...(host.kind === 'exact' ? [wildcardOver(host.name)] : [])];
  for (const name of names) {
    const entry = ingress.tls.find(({ hosts }) => hosts.some((found) => found.toLowerCase() === name));
    if (entry !== undefined) return entry;
  }
  return ingress.tls.find(({ hosts }) => hosts.length === 0) ?? null;
}

function nameOf(host: NamedHost): string {
  return host.kind === 'exact' ? host.name : `*.${host.suffix}`;
}

function wildcardOver(name: string): string {
  return `*.${name.slice(name.indexOf('.') + 1)}`;
}

/**
 * The certificates of the hosts that are routed: who has no route of a host has no say in its certificate. Of several
 * Ingresses with one for a host, the oldest with a route of it is taken.
 * @param won routes, those of the oldest Ingress first.
 */
export function certificatesOf(
  won: readonly Asked[],
  known: ReadonlyMap<string, Certificate>,
): { readonly certificates: readonly HostCertificate[]; readonly rejections: readonly Rejection[] } {
  const chosen = new Map<string, { readonly certificate: HostCertificate; readonly secret: string | null }>();
  const rejections: Rejection[] = [];
  for (const { ingress, host } of won) {
    const entry = tlsOf(ingress, host);
    if (entry === null) continue;
    const { namespace, name, uid } = ingress;
    const owner = { kind: 'Ingress' as const, namespace, name, uid };
    const secret = entry.secretName === null ? null : `${namespace}/${entry.secretName}`;
    const found = secret === null ? undefined : known.get(secret);
    if (secret !== null && found === undefined) {
      const message = `found no Secret ${secret} of type kubernetes.io/tls, expected the one that is named; the default certificate is shown`;
      rejections.push({ owner, reason: 'CertificateMissing', message });
    }
    if (host.kind === 'any') {
      if (secret !== null) {
        const message = `found Secret ${secret} for a rule without host, expected hosts: the default certificate is shown`;
        rejections.push({ owner, reason: 'CertificateWithoutHost', message });
      }
      continue;
    }
    const other = chosen.get(nameOf(host));
    if (other === undefined) {
      chosen.set(nameOf(host), { secret, certificate: { host, owner, certificate: found ?? 'default' } });
    } else if (other.secret !== secret && secret !== null) {
      const holder = `${other.certificate.owner.namespace}/${other.certificate.owner.name}`;
      const message = `host ${nameOf(host)}: found a certificate of the older Ingress ${holder}, expected one for all`;
      rejections.push({ owner, reason: 'CertificateTaken', message });
    }
  }
  return { certificates: [...chosen.values()].map(({ certificate }) => certificate), rejections };
}
