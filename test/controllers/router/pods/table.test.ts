import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { upstreamName } from '../../../../components/dialects/routing.ts';
import { podsSource } from '../../../../controllers/router/pods/source.ts';
import { configuration, lines, objectsOf, pod, podObject, secret, serve } from './world.ts';

const digestOf = (base64: string) => createHash('sha256').update(base64).digest('hex');
const test80 = { hosts: 'test.github.com', paths: '80:/' };

describe('which pods are routed', () => {
  test('K1: a pod that is not running has no routes', () => {
    const served = serve({ pods: [pod({ ...test80, phase: 'Pending' })] });
    expect(lines(served)).toEqual([]);
    expect(served.idle).toMatchObject([{ owner: { name: 'testing' }, why: 'Not running (Pending)' }]);
    expect(served.rejections).toEqual([]);
  });

  test('K2: a running pod without address has no routes', () => {
    const served = serve({ pods: [pod({ ...test80, ip: '' })] });
    expect(lines(served)).toEqual([]);
    expect(served.idle).toMatchObject([{ why: 'Pod does not have an IP' }]);
  });

  test('K24: an address that comes later makes the route, though nothing else changed', () => {
    expect(lines(serve({ pods: [pod({ ...test80, ip: '10.0.0.9' })] }))).toEqual(['test.github.com/ -> 10.0.0.9:80']);
  });

  test.each([
    ['not ready', { ready: false }],
    ['terminating', { terminating: true }],
  ])('F14: a pod that is %s gets no requests; its route answers 503 rather than a broader one', (_, state) => {
    expect(lines(serve({ pods: [pod({ ...test80, ...state })] }))).toEqual(['test.github.com/ -> unavailable']);
  });

  test('of several pods only those that serve are called', () => {
    const pods = [
      pod({ ...test80, name: 'a', ip: '10.244.1.1' }),
      pod({ ...test80, name: 'b', ip: '10.244.1.2', ready: false }),
    ];
    expect(lines(serve({ pods }))).toEqual(['test.github.com/ -> 10.244.1.1:80']);
  });

  test('N25: no route leads to a node through a pod on its network', () => {
    const served = serve({ pods: [pod({ ...test80, hostNetwork: true })] });
    expect(lines(served)).toEqual([]);
    expect(served.rejections).toMatchObject([
      { reason: 'InvalidRouting', message: expect.stringContaining('hostNetwork') },
    ]);
  });

  test('an IPv6 address of a pod is a target', () => {
    expect(lines(serve({ pods: [pod({ ...test80, ip: 'fd00::9' })] }))).toEqual(['test.github.com/ -> fd00::9:80']);
  });

  test('a sidecar that started before the containers declares ports, an init container does not', () => {
    const object = podObject({ hosts: 'a.test', paths: '3000:/a 3001:/b', ports: [] });
    const initContainers = [
      { name: 'once', ports: [{ containerPort: 3000 }] },
      { name: 'beside', restartPolicy: 'Always', ports: [{ containerPort: 3001 }] },
    ];
    const spec = { ...(object.spec as object), initContainers };
    const { sources, tableOf } = podsSource(configuration);
    const facts = sources.pods.project({ ...object, spec });
    expect(lines(tableOf(objectsOf({ pods: facts === null ? [] : [facts] }), 0))).toEqual([
      'a.test/b -> 10.244.1.16:3001',
    ]);
  });
});

describe('what they are routed for', () => {
  test('K3: each path goes to its port', () => {
    const pods = [pod({ hosts: 'test.github.com', paths: '80:/prod 3000:/test', ports: [80, 3000] })];
    expect(lines(serve({ pods }))).toEqual([
      'test.github.com/prod -> 10.244.1.16:80',
      'test.github.com/test -> 10.244.1.16:3000',
    ]);
  });

  test('K4: every path is served on every host', () => {
    const hosts = 'test.github.com www.github.com';
    const pods = [pod({ hosts, paths: '3000:/ 3001:/admin/', ports: [3000, 3001], ip: '10.244.1.17' })];
    expect(lines(serve({ pods }))).toEqual([
      'test.github.com/ -> 10.244.1.17:3000',
      'test.github.com/admin -> 10.244.1.17:3001',
      'www.github.com/ -> 10.244.1.17:3000',
      'www.github.com/admin -> 10.244.1.17:3001',
    ]);
  });

  test('K7: the good host of two is routed, the bad one told to the pod', () => {
    const served = serve({ pods: [pod({ hosts: 'test.github.com test.', paths: '80:/' })] });
    expect(lines(served)).toEqual(['test.github.com/ -> 10.244.1.16:80']);
    expect(served.rejections).toMatchObject([
      {
        owner: { kind: 'Pod', namespace: 'testing', name: 'testing', uid: 'uid-testing-testing' },
        reason: 'InvalidRouting',
        message: expect.stringContaining('routingHosts: found "test."'),
      },
    ]);
  });

  test('K8: several pods of a host and path share it', () => {
    const pods = [
      pod({ ...test80, name: 'testing', ip: '10.244.1.16' }),
      pod({ ...test80, name: 'testing2', ip: '10.244.1.17' }),
      pod({ ...test80, name: 'testing3', ip: '10.244.1.18', paths: '3000:/', ports: [3000] }),
    ];
    const served = serve({ pods });
    expect(lines(served)).toEqual(['test.github.com/ -> 10.244.1.16:80 10.244.1.17:80 10.244.1.18:3000']);
    expect(served.table.routes[0]?.id).toMatch(/^testing\/upstream619897598-/);
    expect(served.table.routes[0]?.owners.map(({ name }) => name)).toEqual(['testing', 'testing2', 'testing3']);
  });

  test('K10: no pods, no routes', () => {
    expect(serve({}).table).toEqual({ routes: [], certificates: [], defaultCertificate: null, keys: new Map() });
  });

  test.each([
    ['test.github.com', '/', 619897598],
    ['test.github.com', '/prod', 2256221875],
    ['test.github.com', '/test', 999700326],
    ['prod.github.com', '/', 2407493903],
    ['test.github.com', '/nodejs', 2702957321],
    ['test.k8s.local', '/nodejs', 1866206336],
  ])('K14: the upstream of %s%s has the number of the original', (host, path, number) => {
    expect(upstreamName(host, path)).toBe(`upstream${number}`);
  });

  test('K15: one pod may serve a path on two ports', () => {
    const pods = [pod({ hosts: 'a.test', paths: '80:/ 3000:/', ports: [80, 3000] })];
    expect(lines(serve({ pods }))).toEqual(['a.test/ -> 10.244.1.16:80 10.244.1.16:3000']);
  });

  test('K16: 443 is a port like any other', () => {
    const pods = [pod({ hosts: 'a.test', paths: '443:/ 80:/', ports: [80, 443] })];
    expect(lines(serve({ pods }))).toEqual(['a.test/ -> 10.244.1.16:443 10.244.1.16:80']);
  });

  test('N29: two hosts that differ in letters only are one host, shared by the pods', () => {
    const pods = [
      pod({ name: 'a', hosts: 'test.com', paths: '80:/', ip: '10.1.0.1' }),
      pod({ name: 'b', hosts: 'TEST.com', paths: '80:/', ip: '10.1.0.2' }),
    ];
    expect(lines(serve({ pods }))).toEqual(['test.com/ -> 10.1.0.1:80 10.1.0.2:80']);
  });

  test('K25: text moved from one annotation to the other is another route', () => {
    const project = podsSource(configuration).sources.pods.project;
    const [one, other] = [
      { hosts: 'ab', paths: 'c' },
      { hosts: 'a', paths: 'bc' },
    ].map((sketch) => project(podObject(sketch)));
    expect(one).not.toEqual(other);
  });

  test('paths compared by characters, as the original does, are asked for by name', () => {
    const { tableOf } = podsSource({ ...configuration, pathMatch: 'text' });
    const pods = [pod({ hosts: 'a.test', paths: '80:/nodejs 80:/admin/ 80:/' })];
    expect(tableOf(objectsOf({ pods }), 0).table.routes.map(({ path }) => path)).toEqual([
      { kind: 'text', path: '/' },
      { kind: 'text', path: '/admin/' },
      { kind: 'text', path: '/nodejs' },
    ]);
  });

  test('a pod that declares no ports has no routes', () => {
    const served = serve({ pods: [pod({ ...test80, ports: [] })] });
    expect(lines(served)).toEqual([]);
    expect(served.rejections).toMatchObject([{ message: expect.stringContaining('it declares none') }]);
  });

  test('without one of the two annotations there are no routes', () => {
    const served = serve({ pods: [pod({ name: 'a', paths: '80:/' }), pod({ name: 'b', hosts: 'a.test' })] });
    expect(lines(served)).toEqual([]);
    expect(served.rejections.map(({ message }) => message.split(':')[0])).toEqual(['routingHosts', 'routingPaths']);
  });

  test('the settings of every route are those nginx has by itself, with websocket', () => {
    const [route] = serve({ pods: [pod(test80)] }).table.routes;
    expect(route).toMatchObject({
      path: { kind: 'prefix' },
      action: { protocol: 'http', rewriteTo: null, streaming: false, websocket: true, responseMs: 60_000 },
      bodyLimitBytes: null,
      encodedSlash: 'refuse',
      protection: { kind: 'open' },
    });
  });
});

describe('grants', () => {
  test('M4: what is granted without being a host is told on the Namespace, and the rest of it holds', () => {
    const grants = { testing: 'https://a.test b.test:80\n*.ok.test  ok.test\ta,b **.test' };
    const pods = [pod({ ...test80, hosts: 'x.ok.test ok.test a.test', namespace: 'other' })];
    const served = serve({ pods, namespaces: ['testing', 'other'], grants });
    expect(lines(served)).toEqual(['a.test/ -> 10.244.1.16:80']);
    expect(served.rejections[0]).toEqual({
      owner: { kind: 'Namespace', namespace: 'testing', name: 'testing', uid: 'uid-testing' },
      reason: 'InvalidGrant',
      message: expect.stringMatching(
        /^annotation edgeplane\.dev\/routing-hosts: found "https:\/\/a\.test", "b\.test:80", "a,b", "\*\*\.test", expected host names/,
      ),
    });
  });

  test('grants of hosts and addresses are told nothing', () => {
    expect(serve({ namespaces: ['a'], grants: { a: ' 10.0.0.1 A.test *.b.test ' } }).rejections).toEqual([]);
  });
});

describe('bounds', () => {
  const many = (count: number, of: (index: number) => string) =>
    Array.from({ length: count }, (_, i) => of(i)).join(' ');

  test('N27: a pod with more than 1,024 routes has none, and is told the number', () => {
    const wide = { hosts: many(33, (i) => `h${i}.test`), paths: many(32, (i) => `80:/p${i}`) };
    const served = serve({ pods: [pod(wide)] });
    expect(lines(served)).toEqual([]);
    expect(served.rejections).toMatchObject([{ message: expect.stringContaining('found 1056 routes') }]);
  });

  test('F13: beyond 4,096 routes the pods of that namespace are refused, and those of others are not', () => {
    const wide = (index: number) =>
      pod({
        name: `greedy${index}`,
        hosts: many(32, (i) => `h${i}.g${index}.test`),
        paths: many(32, (i) => `80:/p${i}`),
      });
    const other = pod({ ...test80, namespace: 'zoo' });
    const served = serve({ pods: [...Array.from({ length: 5 }, (_, i) => wide(i)), other] });
    expect(served.table.routes).toHaveLength(4_097);
    expect(served.rejections.map(({ owner, reason }) => `${owner.name} ${reason}`)).toEqual(['greedy4 TooManyRoutes']);
  });

  test('F26: beyond 10,000 routes of all namespaces the oldest namespaces keep theirs, and pods of the others are told', () => {
    const wide = (namespace: string, index: number) =>
      pod({
        name: `${namespace}${index}`,
        namespace,
        hosts: many(32, (i) => `h${i}.g${index}.${namespace}.test`),
        paths: many(32, (i) => `80:/p${i}`),
      });
    const namespaces = ['older', 'old', 'new'];
    const pods = ['new', 'old', 'older'].flatMap((name) => Array.from({ length: 4 }, (_, i) => wide(name, i)));
    const served = serve({ pods, namespaces });
    const countOf = (name: string) => served.table.routes.filter(({ owners }) => owners[0]?.namespace === name).length;
    expect(namespaces.map(countOf)).toEqual([4_096, 4_096, 10_000 - 2 * 4_096]);
    expect(new Set(served.rejections.map(({ owner, reason }) => `${owner.namespace} ${reason}`))).toEqual(
      new Set(['new TooManyRoutes']),
    );
    expect(serve({ pods: pods.toReversed(), namespaces })).toEqual(served);
  });

  test('replicas of a pod do not count', () => {
    const pods = Array.from({ length: 300 }, (_, i) =>
      pod({ name: `web-${i}`, ip: `10.1.${i >> 8}.${i & 255}`, hosts: 'a.test', paths: many(20, (p) => `80:/p${p}`) }),
    );
    expect(serve({ pods }).rejections).toEqual([]);
  });

  test('F12: many bad items of one pod are a short text', () => {
    const served = serve({ pods: [pod({ hosts: many(3_000, () => '{'), paths: '80:/' })] });
    expect(served.rejections[0]?.message).toContain('2995 more such items');
    expect(served.rejections[0]?.message.length).toBeLessThan(1_024);
  });
});

describe('the key of the namespace', () => {
  const key = secret('testing', { 'api-key': 'Updated-API-Key' });

  test('K9: callers show the base64 of the field, and only its digest is kept', () => {
    const { table } = serve({ pods: [pod(test80)], secrets: [key] });
    expect(table.routes[0]?.protection).toEqual({ kind: 'apiKey', ring: 'testing' });
    expect(table.keys.get('testing')).toEqual({ kind: 'usable', digests: [digestOf('VXBkYXRlZC1BUEktS2V5')] });
    expect(table.keys.get('testing')).not.toEqual({ kind: 'usable', digests: [digestOf('c3VwZXJzZWNyZXQ=')] });
  });

  test('K9: the key of the README is the base64 with its padding', () => {
    const secrets = [secret('testing', { 'api-key': 'supersecret' })];
    const { table, rejections } = serve({ pods: [pod(test80)], secrets });
    expect(table.keys.get('testing')).toEqual({ kind: 'usable', digests: [digestOf('c3VwZXJzZWNyZXQ=')] });
    expect(rejections).toMatchObject([{ reason: 'KeyWeak' }]);
  });

  test('a namespace without Secret is open, unless its pod demands a key', () => {
    const demanding = pod({ ...test80, annotations: { routingApiKey: 'required' } });
    expect(serve({ pods: [pod(test80)] }).table.routes[0]?.protection).toEqual({ kind: 'open' });
    const { table, rejections } = serve({ pods: [demanding] });
    expect(table.routes[0]?.protection).toEqual({ kind: 'apiKey', ring: 'testing' });
    expect(table.keys.get('testing')?.kind).toBe('faulty');
    expect(rejections).toMatchObject([{ reason: 'KeyUnusable', message: expect.stringContaining('found no Secret') }]);
  });

  test('a demand of one pod closes the routes it shares, and no others', () => {
    const pods = [
      pod({ name: 'a', hosts: 'a.test', paths: '80:/x', annotations: { routingApiKey: 'required' } }),
      pod({ name: 'b', hosts: 'a.test', paths: '80:/x 80:/y' }),
    ];
    const protections = serve({ pods }).table.routes.map(({ path, protection }) => `${path.path} ${protection.kind}`);
    expect(protections.toSorted()).toEqual(['/x apiKey', '/y open']);
  });

  test.each([
    ['no field of the name', { other: 'x' }],
    ['an empty field', { 'api-key': '' }],
    ['a field of spaces', { 'api-key': ' \n' }],
    ['a field over 4 KiB', { 'api-key': 'x'.repeat(4_097) }],
  ])('F17: a Secret with %s lets nobody pass', (_, data) => {
    const { table, rejections } = serve({ pods: [pod(test80)], secrets: [secret('testing', data)] });
    expect(table.routes[0]?.protection).toEqual({ kind: 'apiKey', ring: 'testing' });
    expect(table.keys.get('testing')?.kind).toBe('faulty');
    expect(rejections).toMatchObject([{ reason: 'KeyUnusable' }]);
  });

  test('F18, K22: a key and pods that change at once are both in the table', () => {
    const { tableOf } = podsSource(configuration);
    tableOf(objectsOf({ pods: [pod(test80)] }), 0);
    const { table } = tableOf(objectsOf({ pods: [pod({ ...test80, ip: '10.9.9.9' })], secrets: [key] }), 0);
    expect(table.routes[0]).toMatchObject({
      protection: { kind: 'apiKey' },
      action: { targets: [{ address: '10.9.9.9' }] },
    });
  });

  test('F16: a namespace that has had a key stays closed when the Secret is gone', () => {
    const { tableOf } = podsSource(configuration);
    tableOf(objectsOf({ pods: [pod(test80)], secrets: [key] }), 0);
    const { table } = tableOf(objectsOf({ pods: [pod(test80)] }), 0);
    expect(table.routes[0]?.protection).toEqual({ kind: 'apiKey', ring: 'testing' });
    expect(table.keys.get('testing')?.kind).toBe('faulty');
  });

  test('F16: a Namespace that is gone is forgotten', () => {
    const { tableOf } = podsSource(configuration);
    tableOf(objectsOf({ pods: [pod(test80)], secrets: [key] }), 0);
    tableOf(objectsOf({ namespaces: [] }), 0);
    const { table } = tableOf(objectsOf({ pods: [pod(test80)] }), 0);
    expect(table.routes[0]?.protection).toEqual({ kind: 'open' });
  });

  test('S7: the key before passes until its time, beside the current one', () => {
    const rotation = { 'api-key': 'a-new-key-of-24-letters.', 'api-key-previous': 'an-old-key-of-24-letters' };
    const until = secret('testing', { ...rotation, 'api-key-previous-until': '2026-11-21T12:00:00Z' });
    const digestsAt = (time: string) => {
      const ring = serve({ pods: [pod(test80)], secrets: [until] }, [], Date.parse(time)).table.keys.get('testing');
      return ring?.kind === 'usable' ? ring.digests.length : 0;
    };
    expect([digestsAt('2026-11-21T11:59:59Z'), digestsAt('2026-11-21T12:00:00Z')]).toEqual([2, 1]);
  });

  test('S7: a key before without an end is not accepted', () => {
    const secrets = [
      secret('testing', { 'api-key': 'Updated-API-Key-1', 'api-key-previous': 'an-old-key-of-24-letters' }),
    ];
    expect(serve({ pods: [pod(test80)], secrets }).table.keys.get('testing')).toMatchObject({
      digests: [expect.anything()],
    });
  });

  test('I11: no text of the table or the refusals holds a key', () => {
    const canary = 'canary-of-forty-letters-0123456789abcdef';
    const text = (data: Readonly<Record<string, string>>) => {
      const { table, rejections, idle } = serve({ pods: [pod(test80)], secrets: [secret('testing', data)] });
      return JSON.stringify([table, [...table.keys], rejections, idle]);
    };
    const texts = text({ 'api-key': canary }) + text({ 'api-key': '', 'api-key-previous': canary, other: canary });
    expect(texts).not.toContain(canary);
    expect(texts).not.toContain(Buffer.from(canary).toString('base64'));
  });
});

describe('two owners', () => {
  const x = pod({ ...test80, namespace: 'x', ip: '10.1.0.1' });
  const y = pod({ ...test80, namespace: 'y', ip: '10.2.0.2' });
  const secrets = [secret('x', { 'api-key': 'a key of sixteen bytes' })];

  test('K23, M3: pods of the same name in two namespaces are two pods', () => {
    const pods = ['ns1', 'ns2'].map((namespace, i) =>
      pod({ name: 'web-0', namespace, hosts: `${namespace}.test`, paths: '80:/', ip: `10.${i}.0.1` }),
    );
    expect(lines(serve({ pods }))).toEqual(['ns1.test/ -> 10.0.0.1:80', 'ns2.test/ -> 10.1.0.1:80']);
  });

  test.each([
    ['x first', [x, y]],
    ['y first', [y, x]],
  ])('K26, M1: the older namespace has the host and path with its key, in any order (%s)', (_, pods) => {
    const older = serve({ pods, secrets, namespaces: ['x', 'y'] });
    expect(lines(older)).toEqual(['test.github.com/ -> 10.1.0.1:80']);
    expect(older.table.routes[0]?.protection).toEqual({ kind: 'apiKey', ring: 'x' });
    const younger = serve({ pods, secrets, namespaces: ['y', 'x'] });
    expect(lines(younger)).toEqual(['test.github.com/ -> 10.2.0.2:80']);
    expect(younger.table.routes[0]?.protection).toEqual({ kind: 'open' });
  });

  test('M1: the pods of the other are told who has it', () => {
    const { rejections } = serve({ pods: [x, y], namespaces: ['x', 'y'] });
    expect(rejections).toMatchObject([
      { owner: { namespace: 'y' }, reason: 'HostTaken', message: expect.stringContaining('older namespace x') },
    ]);
  });

  test('a rollout of the owner gives nothing away: the age of pods does not count', () => {
    const anew = pod({ ...test80, namespace: 'x', name: 'new', uid: 'new', ip: '10.1.0.9' });
    expect(lines(serve({ pods: [anew, y], namespaces: ['x', 'y'] }))).toEqual(['test.github.com/ -> 10.1.0.9:80']);
  });

  test('an owner whose pods are unready keeps the route', () => {
    const pods = [pod({ ...test80, namespace: 'x', ready: false }), y];
    expect(lines(serve({ pods, namespaces: ['x', 'y'] }))).toEqual(['test.github.com/ -> unavailable']);
  });

  test('M4: a host that is granted is closed to every other namespace, at any path', () => {
    const intruder = pod({ hosts: 'test.github.com', paths: '80:/login', namespace: 'x' });
    const served = serve({ pods: [intruder, y], namespaces: ['x', 'y'], grants: { y: 'test.github.com' } });
    expect(lines(served)).toEqual(['test.github.com/ -> 10.2.0.2:80']);
    expect(served.rejections).toMatchObject([{ owner: { namespace: 'x' }, reason: 'HostNotGranted' }]);
  });

  test('M4: a grant of a wildcard covers the names one label below it', () => {
    const pods = [pod({ namespace: 'x', hosts: 'a.shop.test b.a.shop.test', paths: '80:/' })];
    expect(lines(serve({ pods, grants: { y: '*.shop.test' }, namespaces: ['x', 'y'] }))).toEqual([
      'b.a.shop.test/ -> 10.244.1.16:80',
    ]);
  });

  test('M4: a grant of a name stands over one of a wildcard', () => {
    const pods = [pod({ namespace: 'x', hosts: 'a.shop.test', paths: '80:/' })];
    const grants = { y: '*.shop.test', x: 'a.shop.test' };
    expect(serve({ pods, grants, namespaces: ['x', 'y'] }).rejections).toEqual([]);
  });
});

describe('the state decides, not the way to it', () => {
  test('K11: the table follows the pod through its life', () => {
    const { tableOf } = podsSource(configuration);
    const at = (pods: Parameters<typeof pod>[0][]) => lines(tableOf(objectsOf({ pods: pods.map((p) => pod(p)) }), 0));
    const running = ['test.github.com/ -> 10.244.1.16:80'];
    expect(at([{ ...test80, phase: 'Pending', ip: '' }])).toEqual([]);
    expect(at([test80])).toEqual(running);
    expect(at([test80])).toEqual(running);
    expect(at([])).toEqual([]);
    expect(at([test80])).toEqual(running);
    expect(at([])).toEqual([]);
  });

  test('K12: the keys follow the Secret; another field of it changes nothing', () => {
    const { tableOf } = podsSource(configuration);
    const at = (data: Readonly<Record<string, string>> | null) =>
      tableOf(objectsOf({ pods: [pod(test80)], secrets: data === null ? [] : [secret('testing', data)] }), 0).table;
    const first = at({ 'api-key': 'API-Key-of-16-bytes' });
    expect(at({ 'api-key': 'API-Key-of-16-bytes', 'another-key': 'x' })).toEqual(first);
    const updated = at({ 'api-key': 'Updated-API-Key' });
    expect(updated.routes).toEqual(first.routes);
    expect(updated.keys).not.toEqual(first.keys);
    expect(at(null).keys.get('testing')?.kind).toBe('faulty');
  });

  test('K21: a change of one pod stands, whatever else is added in the same window', () => {
    const { tableOf } = podsSource(configuration);
    tableOf(objectsOf({ pods: [pod({ ...test80, name: 'a', phase: 'Pending' })] }), 0);
    const pods = [pod({ ...test80, name: 'a' }), pod({ name: 'b' })];
    expect(lines(tableOf(objectsOf({ pods }), 0))).toEqual(['test.github.com/ -> 10.244.1.16:80']);
  });

  test('I7: the order in which pods are known does not show', () => {
    const sketch = fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      namespace: fc.constantFrom('x', 'y', 'z'),
      hosts: fc.constantFrom('a.test', 'a.test b.test', 'B.test', '{'),
      paths: fc.constantFrom('80:/', '80:/x 81:/', '81:/x/', '80:/;'),
      ip: fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3'),
      ready: fc.boolean(),
      ports: fc.constant([80, 81]),
    });
    const distinct = { selector: (p: { namespace: string; name: string }) => `${p.namespace}/${p.name}`, maxLength: 8 };
    fc.assert(
      fc.property(fc.uniqueArray(sketch, distinct), fc.infiniteStream(fc.nat()), (sketches, shuffle) => {
        const pods = sketches.map((p) => pod(p));
        const keys = new Map(pods.map((p) => [p, shuffle.next().value]));
        const shuffled = pods.toSorted((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
        const namespaces = ['y', 'x', 'z'];
        expect(serve({ pods: shuffled, namespaces })).toEqual(serve({ pods, namespaces }));
      }),
    );
  });

  test('host and path are unique in a table, whoever claims them', () => {
    const claim = fc.record({
      namespace: fc.constantFrom('x', 'y'),
      name: fc.constantFrom('a', 'b', 'c'),
      hosts: fc.constantFrom('a.test', 'A.test a.test', 'b.test'),
      paths: fc.constantFrom('80:/a 80:/a/', '80:/%61', '80:/'),
    });
    fc.assert(
      fc.property(fc.array(claim, { maxLength: 6 }), (claims) => {
        const { routes } = serve({ pods: claims.map((p) => pod(p)) }).table;
        const keys = routes.map(({ host, path }) => JSON.stringify([host, path]));
        expect(new Set(keys).size).toBe(keys.length);
        expect(new Set(routes.map(({ id }) => id)).size).toBe(routes.length);
      }),
    );
  });
});

describe('what is watched', () => {
  test('S8: of Secrets only those of one name, by a field selector', () => {
    const { sources } = podsSource({ ...configuration, apiKeySecret: { name: 'custom', key: 'k' } });
    expect(sources.secrets).toMatchObject({
      plural: 'secrets',
      namespace: null,
      fieldSelector: 'metadata.name=custom',
    });
    expect(sources.pods).toMatchObject({ plural: 'pods', labelSelector: 'routable=true' });
  });

  test('what is kept of a Secret is no text that a caller could show', () => {
    const { sources } = podsSource(configuration);
    const object = {
      metadata: { name: 'routing', namespace: 'x', uid: 'u' },
      data: { 'api-key': Buffer.from('supersecret').toString('base64') },
    };
    expect(JSON.stringify(sources.secrets.project(object))).not.toMatch(/supersecret|c3VwZXJzZWNyZXQ/);
  });
});
