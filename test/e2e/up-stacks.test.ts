import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ResultRow } from '../../cli/deploy/results.ts';
import { clusterPaths } from '../../local/cluster.ts';
import { edgeplane, ownCluster, small } from './edgeplane.ts';
import { kubectlOf } from './kubectl.ts';
import { sharedCluster } from './shared-cluster.ts';

const kubectl = kubectlOf({ tools: sharedCluster().tools, paths: clusterPaths(ownCluster, process.env) });

beforeEach(() => edgeplane('down'));
afterEach(() => edgeplane('down'));

/** The table of a stack: what was found at each route without and with credentials, and what is said of it. */
const tables = {
  nginx: [
    'httpd.web.edgeplane.test/ open 200 - ok',
    'probe.invalid/ open 200 - ok',
    'probe.invalid/httpd/… open 200 - ok',
    'probe.invalid/tomcat/… open 200 - ok',
    'tomcat.web.edgeplane.test/ open 200 - ok',
    'web.edgeplane.test/httpd/… open 200 - ok',
    'web.edgeplane.test/tomcat/… open 200 - ok',
    'whoami.edgeplane.test/ open 200 - ok',
    'whoami.edgeplane.test/private/… forward auth 401 200 ok',
  ],
  pods: [
    'test.edgeplane.test/nodejs/… open 200 - ok',
    'two.edgeplane.test/public/… API key 403 200 ok',
    'two.k8s.local/internal/… API key ECONNRESET - ok; with: only callers inside the cluster pass',
  ],
} as const;

const rowsOf = (out: string) =>
  (JSON.parse(out) as readonly ResultRow[])
    .map(({ host, path, protection, without, with: passed, result }) =>
      [`${host}${path}`, protection, without, passed, result].join(' '),
    )
    .toSorted();

/** Every pod there is; one that was made anew has another uid. */
const pods = () => kubectl('get', 'pods', '-A', '-o', 'jsonpath={.items[*].metadata.uid}');

test.each(Object.entries(tables))(
  'up --stack %s brings it from nothing to routes that answer, and a second one changes nothing',
  async (stack, table) => {
    const first = await edgeplane('up', '--stack', stack, '--format', 'json', ...small);
    expect(first.code === 0 ? '' : first.words).toBe('');
    expect(rowsOf(first.out)).toEqual(table);
    const before = await pods();
    const second = await edgeplane('up', '--stack', stack, '--format', 'json');
    expect([second.code, second.words]).toEqual([0, expect.stringContaining('unchanged: all')]);
    expect([rowsOf(second.out), await pods()]).toEqual([table, before]);
  },
);
