import { describe, expect, test } from 'vitest';
import type { ApiCall, ApiClient } from '../../../../controllers/loop/api.ts';
import { createStatusWriter, statusChanges } from '../../../../controllers/router/ingresses/status.ts';
import { configuration, ingress, objectsOf, service } from './world.ts';

const loadBalancer = { ingress: [{ ip: '192.0.2.1' }, { hostname: 'lb.example.com' }] };
const edge = { ...service('router', { type: 'LoadBalancer' }, 'edge'), status: { loadBalancer } };
const told = { ...ingress({ name: 'told' }), status: { loadBalancer } };
const stale = { ...ingress({ name: 'stale' }), status: { loadBalancer: { ingress: [{ ip: '198.51.100.1' }] } } };

describe('status of Ingresses', () => {
  test('those that do not say where the edge is are changed, and no others', () => {
    const foreign = ingress({ name: 'foreign', className: 'other' });
    const objects = objectsOf({ ingresses: [told, stale, ingress({ name: 'fresh' }), foreign], services: [edge] });
    expect(statusChanges(objects, configuration).map(({ ingress: { name } }) => name)).toEqual(['fresh', 'stale']);
  });

  test('an edge without address changes nothing', () => {
    const objects = objectsOf({ ingresses: [stale], services: [service('router', {}, 'edge')] });
    expect(statusChanges(objects, configuration)).toEqual([]);
    expect(statusChanges(objectsOf({ ingresses: [stale], services: [] }), configuration)).toEqual([]);
  });

  test('without a Service to publish nothing is written', () => {
    const objects = objectsOf({ ingresses: [stale], services: [edge] });
    expect(statusChanges(objects, { ...configuration, publishService: null })).toEqual([]);
  });
});

describe('writing it', () => {
  const objects = objectsOf({ ingresses: [stale, ingress({ name: 'fresh' })], services: [edge] });

  function writer(permits: number, fail = false) {
    const calls: ApiCall[] = [];
    const events: string[] = [];
    const api: ApiClient = {
      async call(call) {
        calls.push(call);
        if (fail) throw new Error('no route to host');
        return {};
      },
      open: () => Promise.reject(new Error('not used')),
      close() {},
    };
    let left = permits;
    const lease = {
      mayWrite: () => {
        left -= 1;
        return left < 0 ? null : { fence: 1, leftMs: 1_000 };
      },
    };
    const log = (_: string, event: string) => {
      events.push(event);
    };
    return { calls, events, writer: createStatusWriter({ api, lease, log, configuration }) };
  }

  test('each is patched with the addresses of the Service', async () => {
    const { calls, writer: status } = writer(9);
    await status.write(objects);
    expect(calls.map(({ method, path, contentType, body }) => ({ method, path, contentType, body }))).toEqual(
      ['fresh', 'stale'].map((name) => ({
        method: 'PATCH',
        path: `/apis/networking.k8s.io/v1/namespaces/shop/ingresses/${name}/status`,
        contentType: 'application/merge-patch+json',
        body: { status: { loadBalancer } },
      })),
    );
  });

  test('F32: nothing is written without the lease, nor after it is lost', async () => {
    const none = writer(0);
    await none.writer.write(objects);
    const lost = writer(1);
    await lost.writer.write(objects);
    expect([none.calls.length, lost.calls.length]).toEqual([0, 1]);
  });

  test('one that cannot be written does not keep the others from it', async () => {
    const { calls, events, writer: status } = writer(9, true);
    await status.write(objects);
    expect([calls.length, events]).toEqual([2, ['statusNotWritten', 'statusNotWritten']]);
  });
});
