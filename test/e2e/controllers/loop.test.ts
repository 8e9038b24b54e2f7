import { expect, test } from 'vitest';
import { createApiClient } from '../../../controllers/loop/api.ts';
import { systemClock } from '../../../controllers/loop/clock.ts';
import { startLoop } from '../../../controllers/loop/loop.ts';
import { createMetrics } from '../../../controllers/loop/metrics.ts';
import { startApiServer } from '../../kube-apiserver.ts';
import { eventually } from '../kubectl.ts';

test('an object that is made on the server is in the state of the next reconcile', async () => {
  await using server = await startApiServer();
  const api = createApiClient({ access: server.access, clock: systemClock, userAgent: 'test' });
  const seen: string[] = [];
  const loop = startLoop({
    api,
    sources: { maps: { apiVersion: 'v1', plural: 'configmaps', namespace: 'default', project: ({ data }) => data } },
    reconcile: ({ maps }) => void seen.push([...maps.keys()].join()),
    clock: systemClock,
    log: () => undefined,
    metrics: createMetrics('test_'),
  });
  await eventually(
    async () => loop.unready(),
    (why) => why === null,
  );
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { x: '1' } };
  await server.api.apply('/api/v1/namespaces/default/configmaps/a', map);
  await eventually(
    async () => seen,
    (states) => states.at(-1) === 'default/a',
  );
  await loop.stop();
  api.close();
  expect(seen).toEqual(['', 'default/a']);
});
