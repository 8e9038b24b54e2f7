import { documented } from '../facts.ts';
import { isStated, names, text, texts } from '../fields.ts';
import type { SharedFault, Subject, TogetherRule } from '../rule.ts';
import { isEdgePool, nodePoolType } from './edge-workload.ts';

const firewallType = 'gcp:compute/firewall:Firewall';
const everybody: ReadonlySet<string> = new Set(['0.0.0.0/0', '::/0']);

export const firewallToEdge: TogetherRule = {
  id: 'firewall-to-edge',
  title: 'A firewall lets clients in to named nodes, and everybody to edge nodes alone',
  reason: 'A rule without a target opens every node of the network, and with it every port that a pod takes there.',
  severity: 'critical',
  expected: 'targetTags or targetServiceAccounts; for 0.0.0.0/0 a tag that edge nodes alone have',
  fix: 'Name the network tag of the edge’s pool in targetTags.',
  link: documented('firewall-to-edge'),
  standard: null,
  scope: 'together',
  readsRoutes: false,
  *judge({ subjects }) {
    const edgeOnly = tagsOfEdgeOnly(subjects);
    for (const subject of subjects) if (subject.type === firewallType) yield* firewallFaults(subject, edgeOnly);
  },
};

/** Tags that pools of edge nodes have and no other pool; null where there are no pools to tell by. */
function tagsOfEdgeOnly(subjects: readonly Subject[]): ReadonlySet<string> | null {
  const pools = subjects.filter(({ type }) => type === nodePoolType);
  const tagsOf = (of: readonly Subject[]) => of.flatMap(({ properties }) => texts(properties, 'nodeConfig', 'tags'));
  const others = new Set(tagsOf(pools.filter((pool) => !isEdgePool(pool))));
  return pools.length === 0 ? null : new Set(tagsOf(pools.filter(isEdgePool)).filter((tag) => !others.has(tag)));
}

function* firewallFaults(subject: Subject, edgeOnly: ReadonlySet<string> | null): Iterable<SharedFault> {
  const { properties } = subject;
  if (text(properties, 'direction') === 'EGRESS' || names(properties, 'allows').length === 0) return;
  if (!isStated(properties, 'targetTags', 0) && !isStated(properties, 'targetServiceAccounts', 0)) {
    yield { subject, path: ['targetTags'], found: 'nothing, and so every node' };
    return;
  }
  if (edgeOnly === null || !texts(properties, 'sourceRanges').some((range) => everybody.has(range))) return;
  for (const tag of texts(properties, 'targetTags').filter((each) => !edgeOnly.has(each))) {
    yield { subject, path: ['targetTags'], found: `${JSON.stringify(tag)}, which is not a tag of edge nodes alone` };
  }
}
