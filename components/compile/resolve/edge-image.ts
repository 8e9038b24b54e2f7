import { safeVersion } from '../edges/traefik/platform/image.ts';
import type { EnvironmentPlan } from '../plan.ts';
import { quote, type Report } from './definition.ts';

const digest = /@sha256:[0-9a-f]{64}$/;

/** Reads the release from a tag such as `v3.7.13`; null where the tag says something else. */
function releaseOf(image: string): readonly number[] | null {
  const tag = /:v?([0-9]+)\.([0-9]+)\.([0-9]+)(?:@|$)/.exec(image);
  return tag === null ? null : tag.slice(1).map(Number);
}

function isOlder(release: readonly number[], floor: readonly number[]): boolean {
  const different = release.findIndex((part, index) => part !== floor[index]);
  return different !== -1 && (release[different] ?? 0) < (floor[different] ?? 0);
}

/**
 * The door of a cloud is an image by digest, at or above the release without a known hole. We know no digest: what a
 * registry serves is for the environment's owner to look up, so the place for it is asked for rather than guessed.
 */
export function reportEdgeImage(environment: EnvironmentPlan, report: Report): void {
  if (environment.kind === 'local' || isInstalled(environment)) return;
  const image = environment.edgeImage;
  const router = isRouter(environment);
  const expected = router
    ? 'an image of our router by digest, as registry/edgeplane/router:0.1.0@sha256:…'
    : `an image of Traefik ${safeVersion} or newer by digest, as registry/traefik:v${safeVersion}@sha256:…`;
  const fix = 'Write the digest that your registry gives for it.';
  if (environment.kind === 'cloud' && (image === null || !digest.test(image))) {
    report(['edgeImage'], 'edge-image', { found: image === null ? 'nothing' : quote(image), expected, fix });
    return;
  }
  if (router) return;
  const release = image === null ? null : releaseOf(image);
  if (image === null || (release === null && digest.test(image))) return;
  if (release === null || isOlder(release, safeVersion.split('.').map(Number)))
    report(['edgeImage'], 'edge-version', { found: quote(image), expected, fix });
}

/** Someone else put the edge there, and sees to its image. */
function isInstalled({ existingEdge, edge, nginx }: EnvironmentPlan): boolean {
  return existingEdge !== null || (edge === 'nginx' && nginx.servedBy === 'ingress-nginx');
}

/** The edge is our own router, not Traefik. */
export function isRouter({ edge, nginx }: EnvironmentPlan): boolean {
  return edge === 'pods' || (edge === 'nginx' && nginx.servedBy === 'controller');
}
