import type { Source } from '../../loop/source.ts';
import type { ReconcileTiming } from '../../loop/timing.ts';
import type { PodsConfiguration } from '../configuration.ts';
import { type NamespaceFacts, readNamespace } from '../grants.ts';
import type { Served } from '../served.ts';
import { type KeyFacts, readKey } from './namespace-key.ts';
import { type PodFacts, readPod } from './pod.ts';
import { type PodObjects, podsTable } from './table.ts';

/** What is listed and watched for pods. */
export interface PodSources extends Readonly<Record<string, Source<unknown>>> {
  readonly pods: Source<PodFacts>;
  readonly secrets: Source<KeyFacts>;
  readonly namespaces: Source<NamespaceFacts>;
}

/** Changes are collected as the original does, until 2 s were quiet, and never longer than 10 s, milliseconds. */
export const podsTiming: Partial<ReconcileTiming> = { quietMs: 2_000, mostWaitMs: 10_000, repeatMs: 30_000 };

/** The pods source: what it watches, and the table that comes of it. */
export interface PodsSource {
  readonly sources: PodSources;
  /**
   * @param nowMs wall clock, milliseconds since 1970.
   */
  readonly tableOf: (objects: PodObjects, nowMs: number) => Served;
}

/**
 * The pods source of one process. It remembers one thing from call to call: which namespaces have had a key, so that a
 * Secret that is deleted, or deleted and made anew, opens nothing.
 */
export function podsSource(configuration: PodsConfiguration): PodsSource {
  let keyed: ReadonlySet<string> = new Set();
  const { apiKeySecret, selector } = configuration;
  return {
    sources: {
      pods: {
        apiVersion: 'v1',
        plural: 'pods',
        namespace: null,
        labelSelector: selector,
        project: (object) => readPod(object, configuration),
      },
      secrets: {
        apiVersion: 'v1',
        plural: 'secrets',
        namespace: null,
        fieldSelector: `metadata.name=${apiKeySecret.name}`,
        project: (object) => readKey(object, apiKeySecret.key),
      },
      namespaces: { apiVersion: 'v1', plural: 'namespaces', namespace: null, project: readNamespace },
    },
    tableOf(objects, nowMs) {
      keyed = rememberKeyed(keyed, objects);
      return podsTable(objects, configuration, keyed, nowMs);
    },
  };
}

/** The namespaces that have a routing Secret now or had one before; one that is gone is forgotten with its pods. */
export function rememberKeyed(keyed: ReadonlySet<string>, objects: PodObjects): ReadonlySet<string> {
  const now = [...objects.secrets.keys()].map((key) => key.slice(0, key.indexOf('/')));
  return new Set([...keyed, ...now].filter((namespace) => objects.namespaces.has(namespace)));
}
