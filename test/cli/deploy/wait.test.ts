import { expect, test } from 'vitest';
import { waitUntilReady } from '../../../cli/deploy/wait.ts';
import type { KubeObject } from '../../../components/compile/output.ts';
import type { KubeApi } from '../../../local/kube.ts';

const metadata = { name: 'cart', namespace: 'apps' };
const cart: KubeObject = { apiVersion: 'apps/v1', kind: 'Deployment', metadata };

const crashed = {
  metadata: { ...metadata, labels: { app: 'cart' } },
  status: { containerStatuses: [{ name: 'cart', image: 'a', ready: false, state: { terminated: { exitCode: 1 } } }] },
};

/** An API server with one Deployment that has this status, and one pod of it that has crashed. */
function serverWith(status: object): KubeApi {
  const unexpected = async () => {
    throw new Error('only reads are needed here');
  };
  return {
    get: async (path) => {
      if (path.endsWith('/deployments/cart'))
        return { metadata, spec: { replicas: 1, selector: { matchLabels: { app: 'cart' } } }, status };
      return { items: path.endsWith('/pods') ? [crashed] : [] };
    },
    getText: async (path) => (path.includes('previous') ? 'first line\nno such flag\n' : ''),
    apply: unexpected,
    send: unexpected,
    isReady: async () => true,
    close: () => undefined,
  };
}

function waiting(timeoutMs: number) {
  const shown: string[] = [];
  const sink = { isTTY: false, columns: () => 80, rows: () => 24, write: (text: string) => void shown.push(text) };
  return { shown, how: { signal: new AbortController().signal, sink, timeoutMs } };
}

test('what is ready is not waited for', async () => {
  const { how, shown } = waiting(60_000);
  const ready = { updatedReplicas: 1, availableReplicas: 1, replicas: 1 };
  await waitUntilReady(serverWith(ready), [cart], how);
  expect(shown).toEqual([]);
});

test('after the time the error has code 3, names what is missing, and ends with its log of the former run', async () => {
  const { how, shown } = waiting(-1);
  const failed = waitUntilReady(serverWith({}), [cart], how);
  await expect(failed).rejects.toMatchObject({ exitCode: 3 });
  await expect(failed).rejects.toThrow('apps/cart  crash  cart ended with 1');
  await expect(failed).rejects.toThrow('apps/cart, the end of its log:\n  first line\n  no such flag');
  expect(shown.join('')).toContain('apps/cart: crash: cart ended with 1 | log: ');
});

test('an interruption ends the waiting', async () => {
  const { how } = waiting(60_000);
  const stopped = { ...how, signal: AbortSignal.abort(new Error('stop')) };
  await expect(waitUntilReady(serverWith({}), [cart], stopped)).rejects.toThrow('stop');
});
