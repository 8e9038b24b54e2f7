import { catalogImage } from '../catalog.ts';
import { gatekeeperImage } from '../gatekeeper.ts';
import type { Plan } from '../plan.ts';
import { quote, type Report } from './definition.ts';
import { isRouter } from './edge-image.ts';

const routerName = 'edgeplane/router:0.1.0';

/**
 * The programs that stand at the door, by name. A name without a registry is read as one of a public hub, where it may be
 * anybody's.
 */
export function reportOwnImages({ environment: plan, routes }: Plan, report: Report): void {
  if (plan.kind === 'local') return;
  if (plan.edgeImage !== null && !hasRegistry(plan.edgeImage))
    report(['edgeImage'], 'image-registry', unnamed(plan.edgeImage, plan.edgeImage, 'edgeImage: '));
  if (plan.edgeImage === null && isRouter(plan))
    report(['edgeImage'], 'image-registry', unnamed(routerName, routerName, 'edgeImage: '));
  const missing = [
    ...(asksGatekeeper(plan, routes) ? [{ name: gatekeeperImage, image: plan.gatekeeperImage }] : []),
    ...(plan.catalog === null ? [] : [{ name: catalogImage, image: plan.catalog.image }]),
  ].filter(({ image }) => !hasRegistry(image));
  for (const { name, image } of missing)
    report(['images'], 'image-registry', unnamed(image, name, `images: { ${JSON.stringify(name)}: `, ' }'));
}

/** Beside Traefik the gatekeeper's image answers for forward auth; elsewhere it is there where routes ask for keys. */
function asksGatekeeper({ edge, existingEdge }: Plan['environment'], routes: Plan['routes']): boolean {
  const beside = existingEdge === null && (edge === 'traefik' || edge === 'catalog');
  return beside || routes.some(({ protection }) => protection.kind === 'apiKey' || protection.kind === 'bearer');
}

/** Whether the first part of a reference names a host: it has a dot or a port, or is `localhost`. */
function hasRegistry(image: string): boolean {
  const [first = '', ...rest] = image.split('/');
  return rest.length > 0 && (first.includes('.') || first.includes(':') || first === 'localhost');
}

function unnamed(image: string, name: string, before: string, after = '') {
  return {
    found: `${quote(image)}, a name without a registry`,
    expected: 'an image of a registry of yours: its name would be looked up on a public hub, where anybody may own it',
    fix: `Write ${before}"registry.example.org/${name}@sha256:…"${after} with your registry and its digest.`,
  };
}
