import { setTimeout as sleep } from 'node:timers/promises';
import { attempt, type CommandResult, run } from '../../local/command.ts';
import type { SharedCluster } from './cluster.ts';

/** kubectl on one cluster. */
export interface Kubectl {
  /** Standard output; rejects when kubectl fails. */
  (...args: readonly string[]): Promise<string>;
  readonly attempt: (...args: readonly string[]) => Promise<CommandResult>;
  readonly json: (...args: readonly string[]) => Promise<unknown>;
  /** Applies objects, given as they are. */
  readonly apply: (...objects: readonly object[]) => Promise<void>;
  /** A namespace that is empty now and takes pods, and gone after `drop`. */
  readonly freshNamespace: (name: string) => Promise<void>;
  readonly drop: (namespace: string) => Promise<void>;
}

/** The cluster's own kubectl with its owner's rights. */
export function kubectlOf({ tools, paths }: Pick<SharedCluster, 'tools' | 'paths'>): Kubectl {
  const words = (args: readonly string[]) => [`--kubeconfig=${paths.kubeconfig}`, ...args];
  const call = (...args: readonly string[]) => run(tools.kubectl, words(args));
  const drop = async (namespace: string) => {
    await call('delete', 'namespace', namespace, '--ignore-not-found', '--wait', '--timeout=180s');
  };
  return Object.assign(call, {
    attempt: (...args: readonly string[]) => attempt(tools.kubectl, words(args)),
    json: async (...args: readonly string[]) => JSON.parse(await call(...args, '--output=json')) as unknown,
    apply: async (...objects: readonly object[]) => {
      const list = { apiVersion: 'v1', kind: 'List', items: objects };
      await run(tools.kubectl, words(['apply', '--server-side', '-f', '-']), { input: JSON.stringify(list) });
    },
    drop,
    freshNamespace: async (name: string) => {
      await drop(name);
      await call('create', 'namespace', name);
      await call('-n', name, 'wait', '--for=create', 'serviceaccount/default', '--timeout=60s');
    },
  });
}

/** Asks again until the answer is the wished one; gives it, or rejects with the last after `withinMs`. */
export async function eventually<T>(
  ask: () => Promise<T>,
  wished: (answer: T) => boolean,
  withinMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (wished(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`not within ${withinMs / 1000} s; last: ${JSON.stringify(answer)}`);
    await sleep(250);
  }
}

/**
 * Asks until eight answers in a row are the wished one: pods behind one address take turns, and learn of a route each in
 * its own time. Gives the last answer, or rejects with it after `withinMs`.
 */
export async function settled<T>(ask: () => Promise<T>, wished: (answer: T) => boolean, withinMs = 60_000): Promise<T> {
  const round = async () => {
    for (let right = 1; ; right += 1) {
      const answer = await ask();
      if (right === 8 || !wished(answer)) return answer;
    }
  };
  return eventually(round, wished, withinMs);
}

/** What tests look at of a pod. */
export interface PodItem {
  readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly nodeName: string };
  readonly status: {
    readonly podIP: string;
    readonly initContainerStatuses?: readonly { readonly restartCount: number }[];
    readonly containerStatuses?: readonly { readonly restartCount: number }[];
  };
}

/** The pods of a namespace that are to stay: one of a rollout before drains for half a minute, and is listed too. */
export async function stayingPods(kubectl: Kubectl, namespace: string, ...selector: readonly string[]) {
  const { items } = (await kubectl.json('-n', namespace, 'get', 'pods', ...selector)) as {
    readonly items: readonly PodItem[];
  };
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

/** Waits until the pods of a label are as `kubectl wait --for` is to say. Rejects when they are not within `seconds`. */
export async function waitForPods(
  kubectl: Kubectl,
  namespace: string,
  { label, become, seconds }: { readonly label: string; readonly become: string; readonly seconds: number },
): Promise<void> {
  await kubectl('-n', namespace, 'wait', 'pod', '-l', label, `--for=${become}`, `--timeout=${seconds}s`);
}
