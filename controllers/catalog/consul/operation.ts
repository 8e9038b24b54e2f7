import type { ActualInstance, ActualNode, InstanceChange, NodeChange } from '../plan.ts';

/** One operation of a Consul transaction, as `PUT /v1/txn` takes it. */
export type Operation =
  | { readonly KV: { readonly Verb: string; readonly Key: string; readonly [field: string]: unknown } }
  | { readonly Node: { readonly Verb: 'cas' | 'delete-cas'; readonly Node: WireNode } }
  | { readonly Service: { readonly Verb: 'cas' | 'delete-cas'; readonly Node: string; readonly Service: WireService } }
  | { readonly Check: { readonly Verb: 'cas'; readonly Check: WireCheck } };

interface WireNode {
  readonly Node: string;
  readonly ID?: string;
  readonly Address?: string;
  readonly Meta?: Readonly<Record<string, string>>;
  readonly ModifyIndex: number;
}

interface WireService {
  readonly ID: string;
  readonly Service: string;
  readonly Address?: string;
  readonly Port?: number;
  readonly Tags?: readonly string[];
  readonly Meta?: Readonly<Record<string, string>>;
  readonly Weights?: { readonly Passing: number; readonly Warning: number };
  readonly ModifyIndex: number;
}

interface WireCheck {
  readonly Node: string;
  readonly CheckID: string;
  readonly Name: string;
  readonly Status: string;
  readonly Output: string;
  readonly ServiceID?: string;
  readonly ServiceName?: string;
  readonly ModifyIndex: number;
}

/** Our check of a Consul node: whether its node of Kubernetes is used. */
export const nodeCheckId = 'edgeplane-node';

/** Our check of an instance: whether its Service has ready endpoints. */
export function instanceCheckId(instanceId: string): string {
  return `edgeplane-endpoints:${instanceId}`;
}

/** Fails the whole transaction unless the session holds the lock at that very moment. */
export function fence(key: string, session: string): Operation {
  return { KV: { Verb: 'check-session', Key: key, Session: session } };
}

export function nodeOperations({ node, nodeIndex, checkIndex }: NodeChange): readonly Operation[] {
  const { name, id, address, meta, check } = node;
  return [
    ...(nodeIndex === null
      ? []
      : [
          {
            Node: {
              Verb: 'cas',
              Node: { Node: name, ID: id, Address: address, Meta: meta, ModifyIndex: nodeIndex },
            },
          } as const,
        ]),
    ...(checkIndex === null
      ? []
      : [checkOperation({ Node: name, CheckID: nodeCheckId, Name: 'Kubernetes node' }, check, checkIndex)]),
  ];
}

export function instanceOperations({ registration, serviceIndex, checkIndex }: InstanceChange): readonly Operation[] {
  const { id, service, node, address, port, tags, meta, check } = registration;
  const wire: WireService = {
    ID: id,
    Service: service,
    Address: address,
    Port: port,
    Tags: tags,
    Meta: meta,
    Weights: { Passing: 1, Warning: 1 },
    ModifyIndex: serviceIndex ?? 0,
  };
  const place = {
    Node: node,
    CheckID: instanceCheckId(id),
    Name: 'Kubernetes endpoints',
    ServiceID: id,
    ServiceName: service,
  };
  return [
    ...(serviceIndex === null ? [] : [{ Service: { Verb: 'cas', Node: node, Service: wire } } as const]),
    ...(checkIndex === null ? [] : [checkOperation(place, check, checkIndex)]),
  ];
}

function checkOperation(
  place: Omit<WireCheck, 'Status' | 'Output' | 'ModifyIndex'>,
  { status, output }: { readonly status: string; readonly output: string },
  modifyIndex: number,
): Operation {
  return { Check: { Verb: 'cas', Check: { ...place, Status: status, Output: output, ModifyIndex: modifyIndex } } };
}

/** The instance's check goes with it. */
export function removal({ node, id, service, modifyIndex }: ActualInstance): Operation {
  return {
    Service: { Verb: 'delete-cas', Node: node, Service: { ID: id, Service: service, ModifyIndex: modifyIndex } },
  };
}

export function nodeRemoval({ name, modifyIndex }: ActualNode): Operation {
  return { Node: { Verb: 'delete-cas', Node: { Node: name, ModifyIndex: modifyIndex } } };
}
