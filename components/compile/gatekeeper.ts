import type { ProtectionPlan } from './plan.ts';

/** Name of the gatekeeper's objects in each namespace that asks for a routing key. No app may take it. */
export const gatekeeperName = 'edgeplane-gatekeeper';

/** The default; an environment replaces it by its `images`. */
export const gatekeeperImage = 'edgeplane/gatekeeper:0.1.0';

/** Where the checks are answered; the Service has the same number. */
export const gatekeeperPort = 8080;

/** Where the Secrets are mounted in the gatekeeper: one folder a Secret, one file a key. */
export const gatekeeperSecretsFolder = '/etc/edgeplane/secrets';

/** A protection that the gatekeeper answers for. */
export type KeyProtection = Extract<ProtectionPlan, { readonly kind: 'apiKey' | 'bearer' }>;

/** The URL an edge asks by forward auth before it calls an app of this namespace. */
export function gatekeeperUrl(namespace: string, { kind, secret, key }: KeyProtection): string {
  const check = kind === 'apiKey' ? 'api-key' : 'bearer';
  const query = new URLSearchParams({ secret, key });
  return `http://${gatekeeperName}.${namespace}.svc.cluster.local:${gatekeeperPort}/auth/${check}?${query}`;
}
