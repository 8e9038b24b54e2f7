import type { KubeObject } from '../../../../controllers/loop/source.ts';
import { type PodsConfiguration, readConfiguration } from '../../../../controllers/router/configuration.ts';
import type { NamespaceFacts } from '../../../../controllers/router/grants.ts';
import { type KeyFacts, readKey } from '../../../../controllers/router/pods/namespace-key.ts';
import { type PodFacts, readPod } from '../../../../controllers/router/pods/pod.ts';
import { type PodObjects, podsTable } from '../../../../controllers/router/pods/table.ts';
import type { Route } from '../../../../controllers/router/routing-table.ts';
import type { Served } from '../../../../controllers/router/served.ts';

/** The configuration of a router without environment variables. */
export const configuration: PodsConfiguration = configured({});

export function configured(environment: Readonly<Record<string, string>>): PodsConfiguration {
  const result = readConfiguration(environment);
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.configuration.pods;
}

/** A pod of the vectors unless something else is said: Running and ready, at 10.244.1.16, in namespace testing. */
export interface PodSketch {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly phase?: string;
  readonly ip?: string;
  readonly ready?: boolean;
  readonly terminating?: boolean;
  readonly hostNetwork?: boolean;
  readonly ports?: readonly number[];
  readonly hosts?: string;
  readonly paths?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A pod as the API server shows it. */
export function podObject(sketch: PodSketch): KubeObject {
  const { name = 'testing', namespace = 'testing', phase = 'Running', ip = '10.244.1.16' } = sketch;
  const { ready = true, terminating = false, hostNetwork = false, ports = [80], hosts, paths } = sketch;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      uid: sketch.uid ?? `uid-${namespace}-${name}`,
      labels: { routable: 'true' },
      annotations: {
        ...(hosts === undefined ? {} : { routingHosts: hosts }),
        ...(paths === undefined ? {} : { routingPaths: paths }),
        ...sketch.annotations,
      },
      ...(terminating ? { deletionTimestamp: '2026-11-21T00:00:00Z' } : {}),
    },
    spec: {
      ...(hostNetwork ? { hostNetwork } : {}),
      containers: [{ name: 'main', ports: ports.map((containerPort) => ({ containerPort })) }],
    },
    status: { phase, podIP: ip, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}

export function pod(sketch: PodSketch, reading: PodsConfiguration = configuration): PodFacts {
  return readPod(podObject(sketch), reading);
}

/** A routing Secret; the values are the bytes, as `kubectl create secret --from-literal` takes them. */
export function secret(namespace: string, data: Readonly<Record<string, string>>, key = 'api-key'): [string, KeyFacts] {
  const encoded = Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
  );
  const object = { metadata: { name: 'routing', namespace, uid: `uid-${namespace}-secret` }, data: encoded };
  return [`${namespace}/routing`, readKey(object, key)];
}

export interface World {
  readonly pods?: readonly PodFacts[];
  readonly secrets?: readonly [string, KeyFacts][];
  /** Names in the order of their age, the oldest first. */
  readonly namespaces?: readonly string[];
  /** Hosts granted, by namespace. */
  readonly grants?: Readonly<Record<string, string>>;
}

export function objectsOf({ pods = [], secrets = [], namespaces, grants = {} }: World): PodObjects {
  const names = namespaces ?? [...new Set(pods.map(({ namespace }) => namespace))].toSorted();
  const facts = names.map((name, index): [string, NamespaceFacts] => [
    name,
    {
      name,
      uid: `uid-${name}`,
      createdAt: `2026-01-${String(index + 1).padStart(2, '0')}T00:00:00Z`,
      hosts: grants[name] ?? null,
    },
  ]);
  return {
    pods: new Map(pods.map((facts) => [`${facts.namespace}/${facts.name}`, facts])),
    secrets: new Map(secrets),
    namespaces: new Map(facts),
  };
}

export function serve(world: World, keyed: readonly string[] = [], nowMs = 0): Served {
  return podsTable(objectsOf(world), configuration, new Set(keyed), nowMs);
}

/** Routes as one line each: host and path, and where they lead. */
export function lines({ table }: Served): readonly string[] {
  return table.routes.map(lineOf).toSorted();
}

function lineOf({ host, path, action }: Route): string {
  const name = host.kind === 'exact' ? host.name : host.kind;
  const targets =
    action.kind === 'forward' ? action.targets.map(({ address, port }) => `${address}:${port}`).join(' ') : action.kind;
  return `${name}${path.path} -> ${targets}`;
}
