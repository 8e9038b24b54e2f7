import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConsulServer, startConsul } from '../test/consul.ts';
import { type ApiServer, startApiServer } from '../test/kube-apiserver.ts';
import { clusterId, preparePublisher, startTraefik, untilServed, untilTagged } from './catalog-programs.ts';
import {
  addService,
  catalogNameOf,
  changeHost,
  firstPort,
  hostOf,
  makeWorld,
  nodeAddresses,
  portRange,
} from './catalog-world.ts';
import { type Measurement, quantileOf } from './measure.ts';

/** What `benchCatalog` is given. */
export interface CatalogBenchOptions {
  /** Root of the checkout. */
  readonly root: string;
  /** NodePort Services, each an instance on each of three nodes. @default 2000 */
  readonly services?: number;
  /** Changes that are followed to Traefik; every fifth is a Service that is added, the others a new host. @default 60 */
  readonly changes?: number;
}

/** Seconds in which a change is in Consul: the publisher waits 0.2 s for more of them. */
const consulGoal = 1;

/** Seconds in which it is served: Traefik asks Consul for every Service again, one after the other. */
const servedGoal = (services: number) => (services <= 100 ? 0.5 : 3);

/** Services that answer at their node ports, and so may be changed. */
const answering = 20;
const restSeconds = 60;

/** Instances that Consul has of this cluster: a call for each node, where one for each Service would load it. */
async function published(consul: ConsulServer): Promise<number> {
  const nodes = (await consul.call('GET', '/v1/catalog/nodes')) as readonly { readonly Node: string }[];
  const own = nodes.filter(({ Node }) => Node.startsWith(`k8s.${clusterId}.`));
  const counts = own.map(async ({ Node }) => {
    const answer = (await consul.call('GET', `/v1/catalog/node-services/${Node}`)) as {
      readonly Services: readonly unknown[];
    };
    return answer.Services.length;
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

async function untilPublished(consul: ConsulServer, wanted: number): Promise<void> {
  const deadline = performance.now() + 300_000;
  for (let found = await published(consul); found < wanted; found = await published(consul)) {
    if (performance.now() > deadline) throw new Error(`Consul has ${found} instances after 300 s, expected ${wanted}`);
    await sleep(250);
  }
}

/** Answers at the node ports of these Services on every node, in place of their pods. */
async function answerFor(services: readonly number[]): Promise<AsyncDisposable> {
  const listening = services.flatMap((service) =>
    nodeAddresses.map((address) =>
      createServer((_, answer) => answer.end('served\n')).listen(firstPort + service, address),
    ),
  );
  const heard = await Promise.allSettled(listening.map((server) => once(server, 'listening')));
  const end = async () => void (await Promise.all(listening.filter((server) => server.listening).map(close)));
  const failed = heard.find((result) => result.status === 'rejected');
  if (failed === undefined) return { [Symbol.asyncDispose]: end };
  // One that still listens would hold the bench, and the port, for ever.
  await end();
  throw failed.reason;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await once(server.close(), 'close');
}

/** Seconds from a change until Consul has it, and until Traefik serves it. */
interface Followed {
  readonly inConsul: number;
  readonly served: number;
}

/** Seconds from each change until a request through Traefik is answered by its route. */
async function followChanges(server: ApiServer, consul: ConsulServer, options: Required<CatalogBenchOptions>) {
  const { root, services, changes } = options;
  const added = Array.from({ length: Math.floor(changes / 5) }, (_, index) => services + index);
  const changed = Array.from({ length: Math.min(answering, services) }, (_, index) => index);
  await using _backends = await answerFor([...changed, ...added]);
  await using traefik = await startTraefik(root, consul);
  await untilServed(traefik, hostOf(0));
  const found: Followed[] = [];
  for (let change = 0; change < changes; change += 1) {
    // A change is not to come in step with the one before it.
    await sleep((change * 137) % 1_000);
    const host = `c${change}.internal.example.org`;
    const isAdded = change % 5 === 4;
    const service = isAdded ? services + Math.floor(change / 5) : change % changed.length;
    const begin = performance.now();
    const since = () => (performance.now() - begin) / 1_000;
    await (isAdded ? addService : changeHost)(server.api, service, host);
    const [inConsul, served] = await Promise.all([
      untilTagged(consul, catalogNameOf(service), host).then(since),
      untilServed(traefik, host).then(since),
    ]);
    found.push({ inConsul, served });
  }
  return found;
}

/**
 * The publisher's bundle against a real kube-apiserver, a real Consul and a real Traefik on loopback: from an empty
 * catalog to a full one, at rest, and by single changes.
 * @throws when one of them does not start, or Consul lacks instances after five minutes.
 */
export async function benchCatalog(given: CatalogBenchOptions): Promise<readonly Measurement[]> {
  const options = { services: 2_000, changes: 60, ...given };
  const instances = options.services * nodeAddresses.length;
  const folder = await mkdtemp(join(tmpdir(), 'catalog-bench-'));
  try {
    await using server = await startApiServer({ flags: { 'service-node-port-range': portRange } });
    await using consul = await startConsul();
    await makeWorld(server.api, options.services);
    const start = await preparePublisher({ root: options.root, folder, server, consul });
    const begin = performance.now();
    await using publisher = await start();
    await untilPublished(consul, instances);
    const converged = (performance.now() - begin) / 1_000;
    // What was written last is counted a moment after Consul has it.
    await sleep(5_000);
    const [before, changeBefore] = [await publisher.work(), await consul.lastChange()];
    await sleep(restSeconds * 1_000);
    const [after, changeAfter] = [await publisher.work(), await consul.lastChange()];
    const atRest = await publisher.memory();
    const followed = await followChanges(server, consul, options);
    const { highest } = await publisher.memory();
    const [inConsul, served] = [followed.map((each) => each.inConsul), followed.map((each) => each.served)];
    const most = servedGoal(options.services);
    const of = `of ${options.changes}, ${options.services} Services`;
    return [
      { what: `Consul has all ${instances} instances`, found: converged, unit: 's', atMost: 60 },
      { what: 'writes for each instance', found: before.instances / instances, unit: '', atMost: 1 },
      {
        what: 'transactions in a minute at rest',
        found: after.transactions - before.transactions,
        unit: '',
        atMost: 0,
      },
      { what: 'changes of the catalog in that minute', found: changeAfter - changeBefore, unit: '', atMost: 0 },
      { what: 'change to Consul, p50', found: quantileOf(inConsul, 0.5), unit: 's', atMost: consulGoal },
      { what: 'change to Consul, p99', found: quantileOf(inConsul, 0.99), unit: 's', atMost: consulGoal },
      { what: `change to served, p50 ${of}`, found: quantileOf(served, 0.5), unit: 's', atMost: most },
      { what: `change to served, p99 ${of}`, found: quantileOf(served, 0.99), unit: 's', atMost: most },
      { what: 'memory of the publisher at rest', found: atRest.now, unit: 'MiB', atMost: 200 },
      { what: 'memory of the publisher, highest', found: highest, unit: 'MiB', atMost: 200 },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
