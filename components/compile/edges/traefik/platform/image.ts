import type { EnvironmentPlan } from '../../../plan.ts';

/** The least release without a known hole in what we rely on: 3.7.13 closes CVE-2026-88004 and CVE-2026-88008. */
export const safeVersion = '3.7.13';

/**
 * Older releases that may run for a reason, until a day. The embedded cluster builds Traefik from its Go module, and
 * 3.7.13 asks for a dependency that the module proxy does not serve.
 */
export const versionExemptions = [
  {
    version: '3.7.12',
    environments: 'local',
    owner: 'edge',
    reason: '3.7.13 does not build from the Go module proxy; loopback and namespaces of one machine only',
    until: '2027-02-28',
  },
] as const;

/** What the embedded cluster builds from local/tools/traefik, by the alias its `up` pins. */
export const localImage = 'edgeplane.local/traefik:local';

/**
 * The image the edge runs. No registry is asked at compile time, so no digest is known here: outside the embedded cluster
 * this is the least safe release by tag, and an environment that wants a digest names it as `edgeImage`.
 */
export function edgeImageOf(environment: EnvironmentPlan): string {
  if (environment.edgeImage !== null) return environment.edgeImage;
  return environment.kind === 'local' ? localImage : `docker.io/library/traefik:v${safeVersion}`;
}
