import {
  type CatalogNode,
  type CheckState,
  type Desired,
  fullName,
  instanceKey,
  type Notice,
  type Owner,
  type Registration,
} from './model.ts';
import { meta, ownershipPrefix, ownershipTag } from './names.ts';

/** A check as Consul keeps it. */
export interface ActualCheck {
  readonly status: string;
  readonly output: string;
  readonly modifyIndex: number;
}

/** An instance on one of our nodes, whoever registered it. */
export interface ActualInstance {
  readonly id: string;
  readonly service: string;
  readonly node: string;
  readonly address: string;
  readonly port: number;
  readonly tags: readonly string[];
  readonly meta: Readonly<Record<string, string>>;
  readonly modifyIndex: number;
  /** Ours; null when it has none. */
  readonly check: ActualCheck | null;
}

export interface ActualNode {
  readonly name: string;
  readonly id: string;
  readonly address: string;
  readonly meta: Readonly<Record<string, string>>;
  readonly modifyIndex: number;
  readonly check: ActualCheck | null;
}

/** What Consul says at one moment, as far as the publisher may change it or must not clash with it. */
export interface Actual {
  /** Consul nodes that carry our cluster and scope, by name. */
  readonly nodes: ReadonlyMap<string, ActualNode>;
  /** Every instance on those nodes, by {@link instanceKey}. */
  readonly instances: ReadonlyMap<string, ActualInstance>;
  /** Every service name of the catalog, with the tags of all of its instances, whoever registered them. */
  readonly names: ReadonlyMap<string, readonly string[]>;
}

/** An instance to be written, and what of it. An index is what it must still have in Consul; 0: it must not exist. */
export interface InstanceChange {
  readonly registration: Registration;
  /** null: the instance stays as it is. */
  readonly serviceIndex: number | null;
  /** null: the check stays as it is. */
  readonly checkIndex: number | null;
  /** Whether other instances of the service would contradict it until they change too. */
  readonly changesTags: boolean;
}

export interface NodeChange {
  readonly node: CatalogNode;
  readonly nodeIndex: number | null;
  readonly checkIndex: number | null;
}

/** What is to be done so that Consul says what is desired. */
export interface Plan {
  readonly nodes: readonly NodeChange[];
  readonly register: readonly InstanceChange[];
  /** Only what carries our tag and our cluster. */
  readonly deregister: readonly ActualInstance[];
  /** Our nodes that stand for none any more and carry nothing. */
  readonly emptyNodes: readonly ActualNode[];
  /** Instances that are as they should be. */
  readonly unchanged: number;
  /** Instances that are registered and ours. */
  readonly owned: number;
  readonly refused: readonly Notice[];
}

/** Whether an instance was registered by this owner: its tag and its cluster, never one of the two. */
export function owns(owner: Owner, instance: Pick<ActualInstance, 'tags' | 'meta'>): boolean {
  const isMarked =
    owner.namespace === null
      ? instance.tags.some((tag) => tag.startsWith(ownershipPrefix))
      : instance.tags.includes(ownershipTag(owner.namespace));
  return isMarked && instance.meta[meta.cluster] === owner.cluster;
}

/** Options of a plan. */
export interface PlanOptions {
  readonly owner: Owner;
  /** Whether instances are added to Consul services that somebody else registered too. */
  readonly joinsForeign: boolean;
}

/** Compares; nothing that is as desired is written, and nothing of another owner is touched. */
export function plan(wanted: Desired, actual: Actual, { owner, joinsForeign }: PlanOptions): Plan {
  const ours = new Set([...actual.instances.values()].filter((instance) => owns(owner, instance)));
  const ourTags = tagsByService(ours);
  const refused = new Map<string, Notice>();
  const register: InstanceChange[] = [];
  const kept = new Set<string>();
  let unchanged = 0;
  for (const [key, registration] of wanted.registrations) {
    const known = actual.instances.get(key);
    if (known !== undefined && !ours.has(known)) refuse(refused, registration, `the id ${known.id}`);
    else if (!joinsForeign && isForeign(registration, actual, ourTags))
      refuse(refused, registration, `the service ${registration.service}`);
    else {
      kept.add(key);
      const change = changeOf(registration, known);
      if (change === null) unchanged += 1;
      else register.push(change);
    }
  }
  const deregister = [...ours].filter((instance) => !kept.has(instanceKey(instance)));
  return {
    nodes: nodeChanges(wanted, actual),
    register,
    deregister,
    emptyNodes: emptyNodes(wanted, actual),
    unchanged,
    owned: ours.size,
    refused: [...refused.values()],
  };
}

function tagsByService(instances: ReadonlySet<ActualInstance>): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { service, tags } of instances) {
    const known = found.get(service) ?? new Set<string>();
    for (const tag of tags) known.add(tag);
    found.set(service, known);
  }
  return found;
}

/**
 * Whether a name is somebody else's: it is in the catalog and we have no part in it, or publishers of two namespaces took
 * it at the same moment, and the other's tag comes first.
 */
function isForeign(
  { service, source }: Registration,
  { names }: Actual,
  ourTags: ReadonlyMap<string, ReadonlySet<string>>,
): boolean {
  const tags = names.get(service);
  const ours = ourTags.get(service);
  if (tags === undefined || ours === undefined) return tags !== undefined;
  const own = ownershipTag(source.namespace);
  return tags.some((tag) => tag.startsWith(ownershipPrefix) && tag < own && !ours.has(tag));
}

function refuse(refused: Map<string, Notice>, { source }: Registration, what: string): void {
  const note =
    `Service ${fullName(source)}: found ${what} in Consul, registered by somebody else, expected a name that nobody has. ` +
    'Choose another by the annotation edgeplane.dev/catalog-name, or take the other registration away.';
  refused.set(fullName(source), { service: source, reason: 'ForeignName', note });
}

function changeOf(registration: Registration, known: ActualInstance | undefined): InstanceChange | null {
  const isSame = known !== undefined && sameInstance(registration, known);
  // A check keeps the name of its service, which does not follow by itself.
  const isChecked =
    known !== undefined && known.service === registration.service && sameCheck(registration.check, known.check);
  if (isSame && isChecked) return null;
  return {
    registration,
    serviceIndex: isSame ? null : (known?.modifyIndex ?? 0),
    checkIndex: isChecked ? null : (known?.check?.modifyIndex ?? 0),
    changesTags: known !== undefined && !sameList(registration.tags, known.tags),
  };
}

function sameInstance(wanted: Registration, known: ActualInstance): boolean {
  return (
    wanted.service === known.service &&
    wanted.address === known.address &&
    wanted.port === known.port &&
    sameList(wanted.tags, known.tags) &&
    sameMeta(wanted.meta, known.meta)
  );
}

const sameCheck = (wanted: CheckState, known: ActualCheck | null) =>
  known !== null && wanted.status === known.status && wanted.output === known.output;

/** Consul compares tags in order. */
const sameList = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((entry, index) => entry === b[index]);

function sameMeta(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

function nodeChanges(wanted: Desired, actual: Actual): readonly NodeChange[] {
  return [...wanted.nodes.values()].flatMap((node) => {
    const known = actual.nodes.get(node.name);
    const isSame =
      known !== undefined && known.id === node.id && known.address === node.address && sameMeta(known.meta, node.meta);
    const isChecked = known !== undefined && sameCheck(node.check, known.check);
    if (isSame && isChecked) return [];
    return [
      {
        node,
        nodeIndex: isSame ? null : (known?.modifyIndex ?? 0),
        checkIndex: isChecked ? null : (known?.check?.modifyIndex ?? 0),
      },
    ];
  });
}

/** With a node go all of its services: it must carry none, of anybody. */
function emptyNodes(wanted: Desired, actual: Actual): readonly ActualNode[] {
  const used = new Set([...actual.instances.values()].map(({ node }) => node));
  return [...actual.nodes.values()].filter(({ name }) => !wanted.nodes.has(name) && !used.has(name));
}
