import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CompileOutcome, compile } from '../../components/compile/compile.ts';
import type { ServedEdge } from '../../components/compile/edges/verdict.ts';
import type { KubeObject } from '../../components/compile/output.ts';
import type { Plan } from '../../components/compile/plan.ts';
import { formatProblem, type Loss } from '../../components/model/problem.ts';
import { cacheHome, nodePaths } from '../../local/cluster.ts';
import { run } from '../../local/command.ts';
import { type BuiltImage, ensureImages } from '../../local/images/build.ts';
import type { ImageName } from '../../local/images/catalogue.ts';
import { importImages } from '../../local/images/import.ts';
import { pinImages } from '../../local/images/reference.ts';
import { projectRoot, type SharedCluster } from '../e2e/cluster.ts';
import { eventually, type Kubectl, kubectlOf, settled } from '../e2e/kubectl.ts';
import type { EdgeDriver } from './driver.ts';
import { type Door, send } from './raw-client.ts';
import { untilFollowed } from './traefik-pods.ts';
import { basicUser, routingKey, serviceOf, type World } from './worlds.ts';

/** A Traefik edge on the embedded cluster, reached as clients reach it: through the load balancer. */
export interface TraefikDriver extends EdgeDriver {
  readonly kubectl: Kubectl;
  readonly door: Door;
  /** The objects of a world as they are applied, images pinned. */
  readonly apply: Apply;
  readonly objectsOf: (world: World) => readonly KubeObject[];
}

const images: readonly ImageName[] = ['traefik', 'echo', 'gatekeeper'];

type Apply = (objects: readonly object[]) => Promise<void>;

/** As `edgeplane up` applies: every unknown field is refused, and what we write is ours. */
function applierOf({ tools, paths }: SharedCluster): Apply {
  const how = ['--server-side', '--field-manager=edgeplane', '--force-conflicts', '--validate=strict'];
  return async (objects) => {
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    await run(tools.kubectl, [`--kubeconfig=${paths.kubeconfig}`, 'apply', ...how, '-f', '-'], { input });
  };
}

/** The Traefik edge of `world`'s environment, with the objects of its own. */
export function startTraefik(cluster: SharedCluster, world: World): Promise<TraefikDriver> {
  return startEdge(cluster, world, { edge: 'traefik', images });
}

/** An edge as it is started. */
interface EdgeStart {
  readonly edge: ServedEdge;
  readonly images: readonly ImageName[];
  /** Name of its objects and of their namespace. @default that of every public edge */
  readonly name?: string;
}

/** Brings the images, applies the platform of `world`'s environment, and waits for the address of the load balancer. */
export async function startEdge(
  cluster: SharedCluster,
  world: World,
  { edge, images, name = 'edgeplane-edge' }: EdgeStart,
): Promise<TraefikDriver> {
  const kubectl = kubectlOf(cluster);
  const built = await bringImages(cluster, images);
  const objectsOf = (wanted: World) => pinImages(compiledObjects(wanted), built);
  const platform = objectsOf({ ...world, definitions: [] });
  const apply = applierOf(cluster);
  const isDefinition = ({ kind }: KubeObject) => kind === 'CustomResourceDefinition';
  if (platform.some(isDefinition)) {
    await apply(platform.filter(isDefinition));
    await kubectl('wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s');
  }
  await apply(platform.filter((object) => !isDefinition(object)));
  await kubectl('-n', name, 'rollout', 'status', `daemonset/${name}`, '--timeout=300s');
  const door = { address: await balancerAddress(kubectl, name), http: 80, https: 443 };
  return {
    edge,
    kubectl,
    door,
    objectsOf,
    send: (request) => send(door, request),
    serve: async (wanted) => {
      await serve(kubectl, apply, wanted, objectsOf(wanted));
      if (edge !== 'traefik') return;
      await untilFollowed(cluster, name);
      if ('loadBalancer' in wanted.environment.exposure) await untilReached(door);
    },
    apply,
    forget: (wanted) => kubectl.drop(wanted.environment.namespace),
  };
}

/** The load balancer has found the pods of the edge: it answers each time, whatever it is. */
async function untilReached(door: Door): Promise<void> {
  await settled(
    () => send(door, { host: 'nobody.test', target: '/' }),
    ({ status }) => status !== 0,
  );
}

/** The Service of the edge gets its address from the load balancer of the cluster. */
async function balancerAddress(kubectl: Kubectl, name: string): Promise<string> {
  const path = 'jsonpath={.status.loadBalancer.ingress[0].ip}';
  return eventually(
    () => kubectl('-n', name, 'get', 'service', name, '-o', path),
    (address) => address !== '',
  );
}

/** What this world loses on its edge; nothing where it has problems, which `compiledPlan` throws. */
export function lossesOf(world: World): readonly Loss[] {
  const definitions = world.definitions.map((input) => ({ input }));
  const outcome = compile({ environment: world.environment, definitions, today: '2026-11-21' });
  return outcome.ok ? outcome.acceptedLosses.map(({ loss }) => loss) : outcome.losses;
}

export function compiledObjects(world: World): readonly KubeObject[] {
  return compiled(world).groups.flatMap(({ objects }) => objects);
}

export function compiledPlan(world: World): Plan {
  return compiled(world).plan;
}

function compiled(world: World): Extract<CompileOutcome, { ok: true }> {
  const definitions = world.definitions.map((input) => ({ input }));
  const outcome = compile({ environment: world.environment, definitions, today: '2026-11-21' });
  if (outcome.ok) return outcome;
  const losses = outcome.losses.map(({ name, at }) => `${name} at ${at.subject}, ${at.path}`);
  throw new Error([...outcome.problems.map(formatProblem), ...losses].join('\n'));
}

async function serve(
  kubectl: Kubectl,
  apply: Apply,
  { environment, definitions }: World,
  objects: readonly KubeObject[],
): Promise<void> {
  const { namespace } = environment;
  const own = objects.filter(({ kind, metadata }) => metadata.namespace === namespace && kind !== 'Namespace');
  const spaces = objects.filter(({ kind, metadata }) => kind === 'Namespace' && metadata.name === namespace);
  await apply(spaces);
  const apps = definitions.filter(({ kind }) => kind === 'App').map(({ name }) => name);
  await apply([...secrets(namespace), ...apps.map((app) => otherService(namespace, app)), ...own]);
  for (const { metadata } of own.filter(({ kind }) => kind === 'Deployment'))
    await kubectl('-n', namespace, 'rollout', 'status', `deployment/${metadata.name}`, '--timeout=300s');
}

/** Builds images where they are not built yet, and brings them to every node. */
export async function bringImages(
  { topology, paths, tools }: SharedCluster,
  images: readonly ImageName[],
): Promise<readonly BuiltImage[]> {
  const built = await ensureImages(images, {
    cacheDir: `${cacheHome(process.env)}/images`,
    projectRoot,
    toolBinary: (tool) => (tools as Readonly<Record<string, string>>)[tool] ?? tool,
    run,
    env: process.env,
  });
  const nodes = topology.nodes.map((node) => ({ name: node.name, socket: nodePaths(paths, node).containerdSocket }));
  await importImages(built, nodes, run);
  return built;
}

function otherService(namespace: string, app: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: serviceOf(app), namespace },
    spec: {
      selector: { 'app.kubernetes.io/name': app },
      ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }],
    },
  };
}

function secrets(namespace: string): readonly object[] {
  const secret = (name: string, type: string, data: Readonly<Record<string, string>>) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    type,
    stringData: data,
  });
  return [
    secret('routing', 'Opaque', { 'api-key': routingKey }),
    secret('basic', 'kubernetes.io/basic-auth', { username: basicUser.name, password: basicUser.password }),
    ...['tls.test', 'hsts.test'].map((host) => secret(host.replace('.', '-'), 'kubernetes.io/tls', selfSigned(host))),
  ];
}

function selfSigned(host: string): Readonly<Record<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  try {
    const [key, certificate] = [join(folder, 'key'), join(folder, 'crt')];
    const subject = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`];
    const options = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '7'];
    execFileSync('openssl', ['req', '-x509', ...options, ...subject, '-keyout', key, '-out', certificate], {
      stdio: 'ignore',
    });
    return { 'tls.crt': readFileSync(certificate, 'utf8'), 'tls.key': readFileSync(key, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
