import type { Definition, defineApp } from '../../components/model/define.ts';
import type { EdgeRoutes } from '../../components/model/schema/app.ts';
import { accepting } from './nginx-driver.ts';
import { echo, serviceOf, type World } from './worlds.ts';

type AppRoutes = NonNullable<Parameters<typeof defineApp>[0]['routes']>;

/**
 * The same routes on pods of their own: the Service that carries the tags is made for an app, so routes on a Service of
 * somebody else are the loss `catalog/service-routes`. Every other loss is accepted, and vectors say what becomes of it.
 *
 * @param consul host:port of the Consul server, from inside the cluster
 */
export function onCatalog(world: World, consul: string): World {
  const { images } = world.environment;
  const environment = {
    ...world.environment,
    edge: 'catalog' as const,
    catalog: { consul },
    // No vector stops the edge, and its end is not worth a minute.
    drain: '4s',
    images: { ...images, 'edgeplane/catalog:0.1.0': 'edgeplane.local/catalog:local' },
  };
  const definitions = world.definitions.map((definition) =>
    definition.kind === 'EdgeRoutes' ? appOf(definition) : definition,
  );
  return accepting({ name: `${world.name} on catalog`, environment, definitions });
}

function appOf({ name, service, routes }: Definition & EdgeRoutes): Definition {
  const backend = service.name.slice(serviceOf('').length);
  const app = echo(name, [`-name=${backend}`], routes as AppRoutes);
  const speaksH2c = Object.values(service.ports).some((port) => typeof port === 'object' && port.protocol === 'h2c');
  return speaksH2c ? ({ ...app, ports: { http: { port: 8080, protocol: 'h2c' }, health: 8081 } } as Definition) : app;
}
