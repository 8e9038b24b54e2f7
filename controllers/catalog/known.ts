import { instanceCheckId, nodeCheckId } from './consul/operation.ts';
import type { Written } from './consul/transaction.ts';
import { instanceKey } from './model.ts';
import type { Actual, ActualInstance, ActualNode } from './plan.ts';

/**
 * What Consul says after a transaction, without asking it: only the holder of the lock writes here, and an index that is
 * not what it was makes the next write fail and everything be read again.
 */
export function afterWriting(actual: Actual, written: readonly Written[]): Actual {
  const nodes = new Map(actual.nodes);
  const instances = new Map(actual.instances);
  const names = new Map(actual.names);
  for (const { operation, modifyIndex } of written) {
    if ('Node' in operation) applyNode(nodes, operation.Node.Node, modifyIndex);
    else if ('Service' in operation) {
      applyService(instances, operation.Service.Node, operation.Service.Service, modifyIndex);
      const { Service: name, Tags: tags = [] } = operation.Service.Service;
      names.set(name, [...new Set([...(names.get(name) ?? []), ...tags])]);
    } else if ('Check' in operation) applyCheck(nodes, instances, operation.Check.Check, modifyIndex);
  }
  return { nodes, instances, names };
}

type Wire<K extends 'Node' | 'Service' | 'Check'> =
  Extract<Written['operation'], Readonly<Record<K, unknown>>>[K] extends Readonly<Record<K, infer T>> ? T : never;

function applyNode(nodes: Map<string, ActualNode>, node: Wire<'Node'>, modifyIndex: number | null): void {
  if (modifyIndex === null) nodes.delete(node.Node);
  else {
    const { Node: name, ID: id = '', Address: address = '', Meta: meta = {} } = node;
    nodes.set(name, { name, id, address, meta, modifyIndex, check: nodes.get(name)?.check ?? null });
  }
}

function applyService(
  instances: Map<string, ActualInstance>,
  node: string,
  service: Wire<'Service'>,
  modifyIndex: number | null,
): void {
  const { ID: id, Service: name, Address: address = '', Port: port = 0, Tags: tags = [], Meta: meta = {} } = service;
  const key = instanceKey({ node, id });
  const check = instances.get(key)?.check ?? null;
  if (modifyIndex === null) instances.delete(key);
  else instances.set(key, { id, service: name, node, address, port, tags, meta, modifyIndex, check });
}

function applyCheck(
  nodes: Map<string, ActualNode>,
  instances: Map<string, ActualInstance>,
  wire: Wire<'Check'>,
  modifyIndex: number | null,
): void {
  const check = { status: wire.Status, output: wire.Output, modifyIndex: modifyIndex ?? 0 };
  const node = nodes.get(wire.Node);
  if (wire.CheckID === nodeCheckId && node !== undefined) nodes.set(node.name, { ...node, check });
  const key = instanceKey({ node: wire.Node, id: wire.ServiceID ?? '' });
  const instance = instances.get(key);
  if (instance !== undefined && wire.CheckID === instanceCheckId(instance.id))
    instances.set(key, { ...instance, check });
}
