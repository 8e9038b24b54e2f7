import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { addons } from './addons.ts';
import { applyAddon } from './apply.ts';
import { ensureCgroups, hasCgroups } from './cgroups.ts';
import { type Cluster, nodePaths } from './cluster.ts';
import { attempt, run } from './command.ts';
import { apiServerDaemon, controllerDaemons, etcdDaemon, writeKubeconfigs } from './control-plane.ts';
import { applyFirewall, type OpenPort } from './firewall.ts';
import { ensureHostFolders } from './host-folders.ts';
import { type BuiltImage, ensureImages } from './images/build.ts';
import { importImages } from './images/import.ts';
import { imageRef } from './images/reference.ts';
import type { KubeApi } from './kube.ts';
import { ensureLoadBalancer } from './loadbalancer/launch.ts';
import { ensureNetwork, hasNetwork } from './network.ts';
import { ensureMountHandles, ensureMountNamespace, hasMountNamespace, prepareNode } from './node.ts';
import { ensureCertificates, hasCertificates } from './pki.ts';
import { type Daemon, ensureDaemon, isCurrent, startedAtMs, stopDaemon, waitFor } from './process.ts';
import { answerWithinMs, deploymentIsReady, localIsHealthy, nodeIsReady, proxyIsReady } from './readiness.ts';
import type { Step } from './steps.ts';
import type { clusterTools } from './tools/pins.ts';
import type { Tools } from './tools.ts';
import type { NodePlace } from './topology.ts';

/** What the steps of `up` work with. */
export interface UpContext extends Cluster {
  readonly tools: Pick<Tools, (typeof clusterTools)[number]>;
  /** Connects on first use: the keys do not exist before the step that makes them. */
  readonly api: () => KubeApi;
  /** The root of the checkout. */
  readonly projectRoot: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ports of edge nodes that answer to the outside. */
  readonly openPorts: readonly OpenPort[];
}

const always = async () => false;

/** The cluster's own images, built at most once in a run. */
function clusterImages(context: UpContext): () => Promise<readonly BuiltImage[]> {
  const build = () =>
    ensureImages(['pause', 'coredns'], {
      cacheDir: join(context.paths.cache, 'images'),
      projectRoot: context.projectRoot,
      toolBinary: (tool) => (context.tools as Readonly<Record<string, string>>)[tool] ?? tool,
      run,
      env: context.env,
    });
  let built: Promise<readonly BuiltImage[]> | undefined;
  return () => {
    built ??= build();
    return built;
  };
}

/** What everything else stands on: keys, networks, cgroups, and the namespaces of nodes. */
function foundation(context: UpContext): readonly Step[] {
  const { topology, paths } = context;
  const names = topology.nodes.map((node) => node.name);
  return [
    {
      name: 'certificates',
      needs: [],
      done: async () => hasCertificates(paths, topology),
      run: () => ensureCertificates(paths, topology),
    },
    { name: 'kubeconfigs', needs: ['certificates'], done: always, run: () => writeKubeconfigs(context) },
    { name: 'network', needs: [], done: () => hasNetwork(topology), run: () => ensureNetwork(topology) },
    {
      name: 'cgroups',
      needs: [],
      done: async () => hasCgroups(topology.shape.name, names),
      run: async () => ensureCgroups(topology.shape.name, names),
    },
    {
      name: 'mount namespaces',
      needs: [],
      done: async () => topology.nodes.every((node) => hasMountNamespace(context, node)),
      run: async () => {
        await ensureHostFolders(paths);
        await ensureMountHandles(context);
        await Promise.all(topology.nodes.map((node) => ensureMountNamespace(context, node)));
      },
    },
  ];
}

const daemonStep = (context: UpContext, needs: readonly string[], daemon: () => Daemon, name: string): Step => ({
  name,
  needs,
  done: async () => isCurrent(context.paths, daemon()),
  run: () => ensureDaemon(context, daemon()),
});

function controlPlane(context: UpContext): readonly Step[] {
  const { topology, paths, tools } = context;
  const needs = ['kubeconfigs', 'network', 'cgroups'];
  const etcd: Step = {
    ...daemonStep(context, needs, () => etcdDaemon(topology, paths), 'etcd'),
    run: async () => {
      await mkdir(join(paths.state, 'etcd'), { recursive: true, mode: 0o700 });
      // An API server that has lost its etcd tries again later and later, for each kind of object apart, up to two
      // minutes; ready it calls itself before. A new one takes seconds. There is nothing it could end in order.
      await stopDaemon(paths, 'kube-apiserver', 0);
      await ensureDaemon(context, etcdDaemon(topology, paths));
    },
  };
  return [
    etcd,
    {
      name: 'API server',
      needs: ['etcd'],
      done: always,
      run: async () => {
        await ensureDaemon(context, apiServerDaemon(topology, paths, tools['kube-apiserver']));
        await waitFor(context, ['etcd', 'kube-apiserver'], { ready: () => context.api().isReady() });
      },
    },
    {
      name: 'controllers',
      needs: ['API server'],
      done: always,
      run: async () => {
        for (const daemon of controllerDaemons(topology, paths, tools)) await ensureDaemon(context, daemon);
        const healthy = (port: number) => () => localIsHealthy(topology.controlPlane, port);
        await waitFor(context, ['kube-controller-manager'], { ready: healthy(10257) });
        await waitFor(context, ['kube-scheduler'], { ready: healthy(10259) });
      },
    },
  ];
}

function nodeSteps(context: UpContext, node: NodePlace, images: () => Promise<readonly BuiltImage[]>): readonly Step[] {
  const { tools, paths } = context;
  const socket = nodePaths(paths, node).containerdSocket;
  const answers = async () => {
    const signal = AbortSignal.timeout(answerWithinMs);
    return (await attempt('ctr', ['--address', socket, 'version'], { signal })).exitCode === 0;
  };
  const containerd = `${node.name}: containerd`;
  return [
    {
      name: containerd,
      needs: ['kubeconfigs', 'network', 'cgroups', 'mount namespaces'],
      done: always,
      run: async () => {
        const { containerd: daemon } = await prepareNode(context, node, tools);
        await ensureDaemon(context, daemon);
        await waitFor(context, [daemon.name], { ready: answers });
      },
    },
    {
      name: `${node.name}: images`,
      needs: [containerd],
      done: always,
      run: async () => {
        const wanted = (await images()).filter((image) => image.name === 'pause' || node.role === 'worker');
        await importImages(wanted, [{ name: node.name, socket }], run);
      },
    },
    {
      name: `${node.name}: kubelet`,
      needs: [containerd, 'API server'],
      done: always,
      run: async () => {
        const { kubelet, kubeProxy } = await prepareNode(context, node, tools);
        await Promise.all([ensureDaemon(context, kubelet), ensureDaemon(context, kubeProxy)]);
        const ready = () => nodeIsReady(context.api(), node.name, startedAtMs(context.paths, kubelet.name));
        await waitFor(context, [kubelet.name], { ready });
        await waitFor(context, [kubeProxy.name], { ready: () => proxyIsReady(context.api(), node.name) });
      },
    },
  ];
}

function addonSteps(context: UpContext, images: () => Promise<readonly BuiltImage[]>): readonly Step[] {
  const workers = context.topology.nodes.filter((node) => node.role === 'worker');
  return [
    {
      name: 'roles and name server',
      needs: ['API server'],
      done: always,
      run: async () => {
        const objects = addons(context.topology, imageRef(await images(), 'coredns'));
        for (const addon of objects) await applyAddon(context, context.api(), addon);
      },
    },
    {
      name: 'cluster DNS',
      needs: ['roles and name server', 'controllers', ...workers.map((node) => `${node.name}: images`)],
      done: () => deploymentIsReady(context.api(), 'kube-system', 'coredns').catch(() => false),
      run: () =>
        waitFor(context, ['kube-scheduler', 'kube-controller-manager'], {
          ready: () => deploymentIsReady(context.api(), 'kube-system', 'coredns'),
        }),
    },
  ];
}

/** What stands between the outside and the edge nodes. */
function edgeOfTheNetwork(context: UpContext): readonly Step[] {
  return [
    {
      name: 'firewall',
      needs: ['network'],
      done: always,
      run: () => applyFirewall(context.topology, context.openPorts),
    },
    {
      name: 'load balancer',
      needs: ['roles and name server', 'firewall'],
      done: always,
      run: () => ensureLoadBalancer(context),
    },
  ];
}

/**
 * Every step of `up`, as data. A new part of the cluster is one more entry here, with the names of what it needs.
 */
export function upSteps(context: UpContext): readonly Step[] {
  const images = clusterImages(context);
  return [
    ...foundation(context),
    ...edgeOfTheNetwork(context),
    ...controlPlane(context),
    ...context.topology.nodes.flatMap((node) => nodeSteps(context, node, images)),
    ...addonSteps(context, images),
  ];
}
