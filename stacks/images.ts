import { createHash } from 'node:crypto';

const registry = 'registry.example.org';

/**
 * A reference by digest as a registry gives it. The registry is an example, and so are the digests: those of your own
 * registry take their place.
 */
function example(reference: string): string {
  return `${registry}/${reference}@sha256:${createHash('sha256').update(reference).digest('hex')}`;
}

/** The edge of every cloud environment: the release without a known hole. */
export const edgeImage = example('traefik:v3.7.13');

/** In place of the images that the embedded cluster builds for itself. */
export const releases: Readonly<Record<string, string>> = {
  'edgeplane/gatekeeper:0.1.0': example('edgeplane/gatekeeper:0.1.0'),
  'edgeplane/catalog:0.1.0': example('edgeplane/catalog:0.1.0'),
  'edgeplane.local/echo:local': example('tools/echo:1.0.0'),
  'edgeplane.local/forward-auth:local': example('admission/forward-auth:1.0.0'),
  'edgeplane.local/pybackend:local': example('admission/pybackend:1.0.0'),
  'edgeplane.local/rbackend:local': example('admission/rbackend:1.0.0'),
};
