import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ResultRow } from '../../cli/deploy/results.ts';
import { clusterPaths } from '../../local/cluster.ts';
import { begin, edgeplane, ended, ownCluster, small } from './edgeplane.ts';
import { eventually, kubectlOf } from './kubectl.ts';
import { sharedCluster } from './shared-cluster.ts';

const { tools } = sharedCluster();
const paths = clusterPaths(ownCluster, process.env);
const kubectl = kubectlOf({ tools, paths });

/** For `toEqual`: a failure shows what was said. */
const fine = ({ code, words }: { readonly code: number | null; readonly words: string }) =>
  code === 0 ? 'fine' : words;

/** Everything that was said by any command of this file: no secret may be in it. */
const said: string[] = [];
async function up(...words: readonly string[]) {
  const result = await edgeplane('up', ...words);
  said.push(result.out, result.words);
  return result;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'up-'));
  await edgeplane('down');
});
afterAll(async () => {
  await edgeplane('down');
  await rm(folder, { recursive: true });
});

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const hello = `apiVersion: edgeplane/v1
kind: App
name: hello
image: edgeplane.local/echo:local
ports:
  http: 8080
probes:
  readiness: { check: { http: { path: /healthz, port: 8081 } } }
protection:
  open: everyone may say hello
routes:
  - hosts: [hello.edgeplane.test]
`;

const rowsOf = (out: string) => JSON.parse(out) as readonly ResultRow[];
const answers = (rows: readonly ResultRow[]) =>
  rows.map(({ host, path, protection, without, with: passed, result }) =>
    [`${host}${path}`, protection, without, passed, result].join(' '),
  );
const stackRows = [
  'k8s-traefik.info/pybackend/… forward auth 403 200 ok',
  'k8s-traefik.info/rbackend/… forward auth 403 200 ok',
  'reports.edgeplane.test/health open 200 - ok',
  'reports.edgeplane.test/ API key 403 200 ok',
  'whoami.edgeplane.test/ open 200 - ok',
  'whoami.edgeplane.test/private/… forward auth 401 200 ok',
];

interface Listed {
  readonly items: readonly {
    readonly kind: string;
    readonly metadata: {
      readonly name: string;
      readonly namespace?: string;
      readonly managedFields?: readonly { readonly subresource?: string }[];
    };
  }[];
}

/** Kinds that `up` applies; nothing but the status of one changes by itself. */
const appliedKinds = [
  ...['deployments', 'daemonsets', 'services', 'configmaps', 'secrets', 'serviceaccounts', 'networkpolicies'],
  ...['poddisruptionbudgets', 'ingressroutes', 'middlewares', 'clusterroles', 'clusterrolebindings', 'crds'],
].join(',');

/** Each object without its status, with who wrote what of it and when. */
async function versions(): Promise<Readonly<Record<string, string>>> {
  const list = (await kubectl.json('get', appliedKinds, '--all-namespaces', '--show-managed-fields')) as Listed;
  const rows = list.items.map((item) => {
    const { kind, metadata } = item;
    const managedFields = metadata.managedFields?.filter(({ subresource }) => subresource !== 'status');
    const own = { ...item, status: undefined, metadata: { ...metadata, resourceVersion: undefined, managedFields } };
    return [
      `${kind} ${metadata.namespace ?? ''}/${metadata.name}`,
      createHash('sha256').update(JSON.stringify(own)).digest('hex'),
    ];
  });
  return Object.fromEntries(rows) as Readonly<Record<string, string>>;
}

test('a definition with a mistake stops up before any cluster is started', async () => {
  const { code, words } = await up('-f', await file('typo.yaml', hello.replace('hosts:', 'hsots:')));
  expect(code).toBe(1);
  expect(words).toContain('routes[0].hsots');
  expect(await edgeplane('status')).toMatchObject({ code: 1 });
});

test('a stack that is not for this cluster is refused with the reason', async () => {
  const { code, words } = await up('--stack', 'production');
  expect(code).toBe(2);
  expect(words).toContain('--stack production: up deploys stacks of kind local only');
});

test('an image that nobody can build is refused before any cluster is started', async () => {
  const { code, words } = await up('-f', await file('image.yaml', hello.replace('echo:local', 'nosuch:local')));
  expect(code).toBe(1);
  expect(words).toContain('image edgeplane.local/nosuch:local: found in no catalogue');
  expect(await edgeplane('status')).toMatchObject({ code: 1 });
});

test('Ctrl-C between the first objects and the last ends up with 130, and the next up finishes', async () => {
  const child = begin('up', ...small);
  const outcome = ended(child);
  const begun = async () => (await kubectl.attempt('-n', 'apps', 'get', 'networkpolicy', '-o', 'name')).stdout;
  await eventually(begun, (names) => names !== '', 400_000);
  child.kill('SIGINT');
  const { code, out, words } = await outcome;
  said.push(out, words);
  expect({ code, out }).toEqual({ code: 130, out: '' });
  expect(words).toContain('the next `edgeplane up` goes on from here');
  const again = await up('--format', 'json');
  expect(fine(again)).toBe('fine');
  expect(answers(rowsOf(again.out))).toEqual(stackRows);
});

test('a second up changes nothing and says so', async () => {
  const before = await versions();
  const { code, out, words } = await up();
  expect(code).toBe(0);
  expect(words).toContain('unchanged: all');
  expect(out).toMatch(/^ADDRESS +HOST +PATH +PROTECTION +WITHOUT +WITH +RESULT\n/);
  expect(await versions()).toEqual(before);
});

test('an app of a file appears beside the stack, a route that is added answers, and both go when they are not named', async () => {
  const before = Object.keys(await versions());
  const one = await up('--format', 'json', '-f', await file('hello.yaml', hello));
  expect(fine(one)).toBe('fine');
  expect(answers(rowsOf(one.out))).toEqual(['hello.edgeplane.test/ open 200 - ok', ...stackRows]);
  const path = '  - hosts: [hello.edgeplane.test]\n    paths: [/closed]\n    protection: { apiKey: {} }\n';
  const two = await up('--format', 'json', '-f', await file('hello.yaml', hello + path));
  expect(answers(rowsOf(two.out))).toContain('hello.edgeplane.test/closed/… API key 403 200 ok');
  const three = await up('--format', 'json');
  expect(three.words).toContain('Deployment apps/hello');
  expect(answers(rowsOf(three.out))).toEqual(stackRows);
  await eventually(
    async () => Object.keys(await versions()),
    (names) => JSON.stringify(names) === JSON.stringify(before),
  );
});

test("an object of someone else's stays as it is, and up says which", async () => {
  await kubectl('-n', 'apps', 'create', 'serviceaccount', 'hello');
  const before = (await versions())['ServiceAccount apps/hello'];
  const { code, words } = await up('-f', await file('hello.yaml', hello));
  expect({ code, words }).toEqual({ code: 1, words });
  expect(words).toContain('ServiceAccount apps/hello: found one that Edgeplane did not make');
  expect((await versions())['ServiceAccount apps/hello']).toBe(before);
  await kubectl('-n', 'apps', 'delete', 'serviceaccount', 'hello');
  expect(fine(await up())).toBe('fine');
  expect(Object.keys(await versions())).not.toContain('Deployment apps/hello');
});

test('status shows the apps and how their routes answer, and fails when a route does', async () => {
  const running = await edgeplane('status', '--format', 'json');
  expect(fine(running)).toBe('fine');
  const { apps, routes } = JSON.parse(running.out) as { apps: readonly object[]; routes: readonly ResultRow[] };
  expect(apps).toContainEqual({ app: 'apps/pybackend', ready: 'yes' });
  expect(answers(routes)).toEqual(stackRows);
  await kubectl('-n', 'apps', 'scale', 'deployment/reports', '--replicas=0');
  const broken = await eventually(
    () => edgeplane('status'),
    ({ out }) => out.includes('wrong: '),
  );
  expect(broken.code).toBe(1);
  expect(fine(await up())).toBe('fine');
});

interface Secrets {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly data?: Readonly<Record<string, string>>;
  }[];
}

test('what up generated is in its Secret and nowhere else: no object, event, log, command line or word', async () => {
  const { items } = (await kubectl.json('-n', 'apps', 'get', 'secrets')) as Secrets;
  const generated = items.filter(({ metadata }) => ['routing', 'forward-auth'].includes(metadata.name));
  const values = generated.flatMap(({ data = {} }) => Object.values(data));
  expect(values).toHaveLength(2);
  const canaries = values.flatMap((value) => [value, Buffer.from(value, 'base64').toString()]);

  const child = begin('up');
  const lines: string[] = [];
  const outcome = ended(child);
  const gone = once(child, 'close').then(() => true);
  while (!(await Promise.race([gone, commandLines().then((found) => !lines.push(found))])));
  const { out, words } = await outcome;

  const kinds = (await kubectl('api-resources', '--verbs=list', '-o', 'name')).trim().split('\n');
  const seen = kinds.filter((kind) => kind !== 'secrets').join(',');
  const objects = await kubectl('get', seen, '--all-namespaces', '-o', 'json', '--show-managed-fields');
  const logs = await Promise.all((await readdir(paths.logs)).map((name) => readFile(join(paths.logs, name), 'utf8')));
  const podLogs = await allPodLogs();
  const texts = { said: [...said, out, words].join(), lines: lines.join(), objects, logs: logs.join(), podLogs };
  for (const [where, text] of Object.entries(texts)) {
    expect({ where, length: text.length > 100 }).toEqual({ where, length: true });
    for (const canary of canaries) expect({ where, holds: text.includes(canary) }).toEqual({ where, holds: false });
  }
});

async function commandLines(): Promise<string> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return (await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))).join('\n');
}

async function allPodLogs(): Promise<string> {
  const names = (
    await kubectl(
      'get',
      'pods',
      '-A',
      '-o',
      'jsonpath={range .items[*]}{.metadata.namespace} {.metadata.name}{"\\n"}{end}',
    )
  )
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  const logs = names.map(async ([namespace = '', name = '']) => {
    const { exitCode, stdout, stderr } = await kubectl.attempt('-n', namespace, 'logs', name, '--all-containers');
    // A pod that was to go is gone with its log.
    expect(exitCode === 0 || stderr.includes('not found'), stderr).toBe(true);
    return stdout;
  });
  return (await Promise.all(logs)).join('\n');
}
