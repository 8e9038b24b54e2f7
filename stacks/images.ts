/**
 * What the registry serves, by digest. The digests here stand in for those of your own registry: a digest of zeros is
 * no image, so a cluster that is given one pulls nothing.
 */
const placeholder = `sha256:${'0'.repeat(64)}`;
const registry = 'registry.example.org';

/** The edge of every cloud environment: the release without a known hole. */
export const edgeImage = `${registry}/traefik:v3.7.13@${placeholder}`;

/** In place of the images that the embedded cluster builds for itself. */
export const releases: Readonly<Record<string, string>> = {
  'edgeplane/gatekeeper:0.1.0': `${registry}/edgeplane/gatekeeper:0.1.0@${placeholder}`,
  'edgeplane/catalog:0.1.0': `${registry}/edgeplane/catalog:0.1.0@${placeholder}`,
  'edgeplane.local/echo:local': `${registry}/tools/echo:1.0.0@${placeholder}`,
  'edgeplane.local/forward-auth:local': `${registry}/admission/forward-auth:1.0.0@${placeholder}`,
  'edgeplane.local/pybackend:local': `${registry}/admission/pybackend:1.0.0@${placeholder}`,
  'edgeplane.local/rbackend:local': `${registry}/admission/rbackend:1.0.0@${placeholder}`,
};
