import type { ServedEdge } from '../../components/compile/edges/verdict.ts';
import type { Environment } from '../../components/model/schema/environment.ts';
import type { ImageName } from '../../local/images/catalogue.ts';
import type { SharedCluster } from '../e2e/cluster.ts';
import { lossesOf, startEdge, type TraefikDriver } from './traefik-driver.ts';
import type { World } from './worlds.ts';

export type NginxEdge = Extract<ServedEdge, 'nginx' | 'nginx-by-traefik'>;

const served: Readonly<Record<NginxEdge, { readonly servedBy: Environment['servedBy']; readonly image: ImageName }>> = {
  nginx: { servedBy: 'controller', image: 'router' },
  'nginx-by-traefik': { servedBy: 'traefik', image: 'traefik' },
};

/** The same world behind Ingresses, with every loss that this edge names accepted: vectors say what becomes of them. */
export function onNginx(world: World, edge: NginxEdge): World {
  return accepting({
    ...world,
    environment: { ...world.environment, edge: 'nginx', servedBy: served[edge].servedBy },
  });
}

/** The world with all its losses accepted. */
export function accepting(world: World): World {
  const acceptedLosses = lossesOf(world).map(({ name, at: { subject, path } }) => ({
    name,
    at: path === '' ? subject : `${subject}, ${path}`,
    reason: 'a vector says what happens instead',
    until: '2099-12-31',
  }));
  return { ...world, environment: { ...world.environment, acceptedLosses } };
}

/** Ingresses on the embedded cluster, served by our controller or by Traefik, behind the load balancer. */
export function startNginx(cluster: SharedCluster, world: World, edge: NginxEdge): Promise<TraefikDriver> {
  return startEdge(cluster, accepting({ ...onNginx(world, edge), definitions: [] }), {
    edge,
    images: [served[edge].image, 'echo', 'gatekeeper'],
  });
}
