import type { AppPlan, ContainerPlan, EnvironmentPlan, Plan, RoutePlan } from '../../components/compile/plan.ts';
import { headerWords, hostWords, methodWords, pathWords } from '../route-words.ts';
import type { Tree } from './difference.ts';

/**
 * A plan by what it means, so that two environments can be laid side by side: apps and routes by their own names, lists
 * of named things by those names, and nothing that only says where a definition was written or how an object is called.
 */
export function planTree(plan: Plan): Tree {
  return relative(
    {
      environment: environmentTree(plan.environment),
      apps: Object.fromEntries(plan.apps.map((app) => [app.name, { ...appTree(app), routes: routesOf(plan, app) }])),
    },
    plan.environment.namespace,
  );
}

type Fields = Readonly<Record<string, Tree>>;

/** What two environments differ in by being two, not by what they mean. */
function environmentTree({ name: _name, acceptedLosses, ...fields }: EnvironmentPlan): Tree {
  return {
    ...fields,
    acceptedLosses: Object.fromEntries(acceptedLosses.map(({ name, at, ...loss }) => [`${name} at ${at}`, loss])),
  } as unknown as Tree;
}

function appTree({ name: _name, at: _at, workload, ...app }: AppPlan): Fields {
  if (workload === null) return { ...app, workload } as unknown as Fields;
  const { containers, initContainers, volumes, configFiles, ...rest } = workload;
  return {
    ...app,
    service: app.service === null ? null : { ...app.service, ports: byName(app.service.ports) },
    workload: {
      ...rest,
      containers: Object.fromEntries(containers.map((each) => [each.name, containerTree(each)])),
      initContainers: Object.fromEntries(initContainers.map((each) => [each.name, containerTree(each)])),
      volumes: byName(volumes),
      configFiles: Object.fromEntries(configFiles.map(({ key, content }) => [key, content])),
    },
  } as unknown as Fields;
}

function containerTree({ name: _name, env, ports, mounts, ...container }: ContainerPlan): Tree {
  return {
    ...container,
    env: Object.fromEntries(env.map(({ name, source }) => [name, source])),
    ports: byName(ports),
    mounts: Object.fromEntries(mounts.map(({ path, ...mount }) => [path, mount])),
  } as unknown as Tree;
}

function byName(items: readonly { readonly name: string }[]): Tree {
  return Object.fromEntries(items.map(({ name, ...item }) => [name, item])) as unknown as Tree;
}

/** Routes of an app by path and what else they ask for; those that differ by host alone stand together. */
function routesOf(plan: Plan, app: AppPlan): Tree {
  const own = plan.routes.filter((route) => route.app === app.name && route.namespace === app.namespace);
  const keys = [...new Set(own.map(routeKey))];
  return Object.fromEntries(
    keys.map((key) => {
      const same = own.filter((route) => routeKey(route) === key);
      const hosts = same.map(({ match }) => hostWords(match.host)).toSorted();
      return [key, { hosts, ...routeTree(same[0] as RoutePlan) } as unknown as Tree];
    }),
  );
}

function routeKey({ match: { path, methods, headers } }: RoutePlan): string {
  const asked = [methods.length === 0 ? '' : methodWords(methods), headers.length === 0 ? '' : headerWords(headers)];
  return [pathWords(path), ...asked].filter((part) => part !== '').join(' ');
}

function routeTree(route: RoutePlan): Fields {
  const { id: _id, namespace: _namespace, app: _app, objectName: _object, at: _at, match: _match, ...fields } = route;
  const { protection, tls } = fields;
  // The URL of an app holds its namespace, and the target says the same.
  const asked =
    protection.kind === 'forwardAuth' && protection.target !== null ? { ...protection, url: null } : protection;
  // Made of the host names.
  const certificate = tls.kind === 'issuer' ? { ...tls, secretName: null } : tls;
  return { ...fields, protection: asked, tls: certificate } as unknown as Fields;
}

/** The environment's own namespace under one word, so that each resource does not differ by it again. */
function relative(tree: Tree, namespace: string, key = ''): Tree {
  if (key === 'namespace' && tree === namespace) return ownNamespace;
  if (typeof tree !== 'object' || tree === null) return tree;
  if (Array.isArray(tree)) return tree.map((item) => relative(item, namespace));
  return Object.fromEntries(
    Object.entries(tree as Readonly<Record<string, Tree>>).map(([name, value]) => [
      name,
      key === 'environment' ? value : relative(value, namespace, name),
    ]),
  );
}

const ownNamespace = "the environment's";
