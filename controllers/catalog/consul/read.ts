import { z } from 'zod';
import { instanceKey, type Owner } from '../model.ts';
import { meta, scopeOf } from '../names.ts';
import type { Actual, ActualCheck, ActualInstance, ActualNode } from '../plan.ts';
import { type ConsulAnswer, type ConsulClient, ConsulUnavailable } from './client.ts';
import { instanceCheckId, nodeCheckId } from './operation.ts';

const texts = z.record(z.string(), z.string()).nullish();

const nodeShape = z.object({
  ID: z.string().default(''),
  Node: z.string(),
  Address: z.string().default(''),
  Meta: texts,
  ModifyIndex: z.number(),
});

const serviceShape = z.object({
  ID: z.string(),
  Service: z.string(),
  Address: z.string().default(''),
  Port: z.number().default(0),
  Tags: z.array(z.string()).nullish(),
  Meta: texts,
  ModifyIndex: z.number(),
});

const checkShape = z.object({
  Node: z.string(),
  CheckID: z.string(),
  Status: z.string(),
  Output: z.string().default(''),
  ServiceID: z.string().default(''),
  ModifyIndex: z.number(),
});

const nodesShape = z.array(nodeShape);
const servicesShape = z.object({ Services: z.array(serviceShape).nullish() }).nullish();
const checksShape = z.array(checkShape);
const namesShape = z.record(z.string(), z.array(z.string()).nullish());

/** Nodes asked about at a time. */
const atOnce = 4;

/**
 * Reads what our nodes carry, and every service name.
 * @throws ConsulUnavailable when the answer did not come from the leader at that moment: what is old would be taken for
 * what is gone.
 */
export async function readActual(client: ConsulClient, owner: Owner, signal: AbortSignal): Promise<Actual> {
  const get = async (path: string, query: Readonly<Record<string, string>> = {}) => {
    const answer = await client.send({ method: 'GET', path, query: { ...query, consistent: '' }, signal });
    return current(path, answer);
  };
  const filter = `Meta["${meta.cluster}"] == "${owner.cluster}" and Meta["${meta.scope}"] == "${scopeOf(owner)}"`;
  const found = nodesShape.parse(await get('/v1/catalog/nodes', { filter }));
  const nodes = new Map<string, ActualNode>();
  const instances = new Map<string, ActualInstance>();
  for (let first = 0; first < found.length; first += atOnce) {
    const reads = found.slice(first, first + atOnce).map(async (node) => {
      const path = encodeURIComponent(node.Node);
      const [services, checks] = await Promise.all([
        get(`/v1/catalog/node-services/${path}`),
        get(`/v1/health/node/${path}`),
      ]);
      addNode(node, servicesShape.parse(services)?.Services ?? [], checksShape.parse(checks), nodes, instances);
    });
    await Promise.all(reads);
  }
  const all = namesShape.parse(await get('/v1/catalog/services'));
  const names = new Map(Object.entries(all).map(([name, tags]) => [name, tags ?? []]));
  return { nodes, instances, names };
}

function current(path: string, { headers, body }: ConsulAnswer): unknown {
  const leader = headers['x-consul-knownleader'];
  const contact = headers['x-consul-lastcontact'];
  if (leader === 'false' || (contact !== undefined && contact !== '0')) {
    throw new ConsulUnavailable(
      `GET ${path}`,
      `the answer is stale (leader known: ${leader}, last contact: ${contact} ms)`,
    );
  }
  return body;
}

function addNode(
  node: z.infer<typeof nodeShape>,
  services: readonly z.infer<typeof serviceShape>[],
  checks: readonly z.infer<typeof checkShape>[],
  nodes: Map<string, ActualNode>,
  instances: Map<string, ActualInstance>,
): void {
  const checkById = new Map(checks.map((check) => [check.CheckID, readCheck(check)]));
  nodes.set(node.Node, {
    name: node.Node,
    id: node.ID,
    address: node.Address,
    meta: node.Meta ?? {},
    modifyIndex: node.ModifyIndex,
    check: checkById.get(nodeCheckId) ?? null,
  });
  for (const service of services) {
    const instance: ActualInstance = {
      id: service.ID,
      service: service.Service,
      node: node.Node,
      address: service.Address,
      port: service.Port,
      tags: service.Tags ?? [],
      meta: service.Meta ?? {},
      modifyIndex: service.ModifyIndex,
      check: checkById.get(instanceCheckId(service.ID)) ?? null,
    };
    instances.set(instanceKey(instance), instance);
  }
}

function readCheck({ Status, Output, ModifyIndex }: z.infer<typeof checkShape>): ActualCheck {
  return { status: Status, output: Output, modifyIndex: ModifyIndex };
}
