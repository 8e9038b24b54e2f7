import type { KubeObject } from '../../../output.ts';
import type { EnvironmentPlan } from '../../../plan.ts';
import { traefikObject } from '../objects.ts';
import { edgeMeta } from './meta.ts';

/** The certificate of hosts without one of their own. Without it Traefik shows a self-signed one. */
export function defaultCertificate(environment: EnvironmentPlan): readonly KubeObject[] {
  const secretName = environment.defaultCertificate;
  if (secretName === null) return [];
  // The name is what makes it the default, and only this namespace may use it.
  return [traefikObject('TLSStore', edgeMeta(environment, 'default'), { defaultCertificate: { secretName } })];
}
