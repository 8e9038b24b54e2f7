import type { Definition, defineApp } from '../../components/model/define.ts';
import type { EdgeRoutes } from '../../components/model/schema/app.ts';
import { accepting } from './nginx-driver.ts';
import { echo, serviceOf, type World } from './worlds.ts';

type Routes = NonNullable<Parameters<typeof defineApp>[0]['routes']>;
type Written = EdgeRoutes['routes'][number];

/** Namespace of the apps whose callers show a key: there the pod router asks for it on every route. */
export function keyedNamespace({ environment }: World): string {
  return `${environment.namespace}-key`;
}

/**
 * The same routes on pods of their own, for a router that knows pods alone. Routes of one service and one path are one
 * app: two annotations say nothing but every path on every host.
 */
export function onPods(world: World): World {
  const routes = world.definitions.flatMap((definition) =>
    definition.kind === 'EdgeRoutes'
      ? definition.routes.map((route) => ({ service: definition.service.name, route }))
      : [],
  );
  const groups = new Map<string, typeof routes>();
  for (const each of routes) {
    const key = JSON.stringify([each.service, each.route.paths ?? ['/'], isKeyed(each.route)]);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  const apps = [...groups.values()].map((group, index) => appOf(world, group, index));
  // One host of the world has open routes and such with a key.
  const sharedHosts = { 'hsts.test': [world.environment.namespace, keyedNamespace(world)] };
  const environment = { ...world.environment, edge: 'pods' as const, sharedHosts };
  return accepting({ name: `${world.name} on pods`, environment, definitions: [...others(world), ...apps] });
}

function isKeyed({ protection }: Written): boolean {
  return protection !== undefined && 'apiKey' in protection && protection.apiKey.secret === undefined;
}

function appOf(world: World, group: readonly { service: string; route: Written }[], index: number): Definition {
  const [first] = group;
  const service = (first?.service ?? '').slice(serviceOf('').length);
  const keyed = first !== undefined && isKeyed(first.route);
  const routes = group.map(({ route }) => route as Routes[number]);
  return {
    ...echo(`${service}-${index}`, [`-name=${service}`], routes),
    ...(keyed ? { namespace: keyedNamespace(world) } : {}),
  };
}

/** Apps that routes name, as the auth app. */
function others({ definitions }: World): readonly Definition[] {
  return definitions.filter(({ kind, name }) => kind === 'App' && name === 'auth');
}
