import type { Plan } from '../plan.ts';

/** Service ports that the edge calls, by `namespace/app`. */
export type Exposed = ReadonlyMap<string, ReadonlySet<number>>;

/** Every port that a route forwards to or a protection asks. */
export function exposedPorts({ apps, routes }: Plan): Exposed {
  const owners = new Map(
    apps.flatMap((app) =>
      app.service?.managed === true
        ? [[`${app.namespace}/${app.service.name}`, `${app.namespace}/${app.name}`] as const]
        : [],
    ),
  );
  const exposed = new Map<string, Set<number>>();
  const expose = (namespace: string, service: string, port: number) => {
    const owner = owners.get(`${namespace}/${service}`);
    if (owner === undefined) return;
    const ports = exposed.get(owner);
    if (ports === undefined) exposed.set(owner, new Set([port]));
    else ports.add(port);
  };
  for (const { action, protection } of routes) {
    if (action.kind === 'forward')
      for (const { namespace, service, port } of action.targets) expose(namespace, service, port);
    if (protection.kind === 'forwardAuth' && protection.target !== null)
      expose(protection.target.namespace, protection.target.service, protection.target.port);
  }
  return exposed;
}
