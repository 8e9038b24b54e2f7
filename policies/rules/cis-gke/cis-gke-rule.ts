import { field } from '../fields.ts';
import type { EachRule, Fault, Subject } from '../rule.ts';

const clusterType = 'gcp:container/cluster:Cluster';
const nodePoolType = 'gcp:container/nodePool:NodePool';

/** A recommendation of the CIS GKE Benchmark that a definition can keep. */
export interface CisGkeCheck extends Pick<EachRule, 'title' | 'reason' | 'severity' | 'expected' | 'fix'> {
  /** Number in benchmark 1.4. */
  readonly cis: string;
  /** The end of the id. */
  readonly slug: string;
  /** `cluster`: of each Cluster. `nodes`: of each NodePool, and of each Cluster that keeps its first pool. */
  readonly of: 'cluster' | 'nodes';
  /** Gets the inputs of the resource. Names are those of Pulumi's gcp provider 9. */
  readonly judge: (inputs: unknown) => Iterable<Fault>;
}

/** The check as a rule. Clusters on Autopilot have their nodes made and kept by Google. */
export function cisGkeRule({ cis, slug, of, judge, ...words }: CisGkeCheck): EachRule {
  const concerns = of === 'cluster' ? ({ type }: Subject) => type === clusterType : hasNodes;
  return {
    ...words,
    id: `cis-gke-${cis.replaceAll('.', '-')}-${slug}`,
    link: 'https://cloud.google.com/kubernetes-engine/docs/concepts/cis-benchmarks',
    standard: { name: 'CIS GKE 1.4', id: cis },
    scope: 'each',
    *judge(subject) {
      if (concerns(subject)) yield* judge(subject.properties);
    },
  };
}

function hasNodes({ type, properties }: Subject): boolean {
  if (type === nodePoolType) return true;
  if (type !== clusterType) return false;
  return field(properties, 'removeDefaultNodePool') !== true && field(properties, 'enableAutopilot') !== true;
}

/** The value at a path as findings show it. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  return typeof value === 'object' ? 'something else' : JSON.stringify(value);
}

/** A fault unless the value at a path is the wanted one. */
export function* unless(
  inputs: unknown,
  path: readonly string[],
  wanted: (value: unknown) => boolean,
): Iterable<Fault> {
  const value = field(inputs, ...path);
  if (!wanted(value)) yield { path, found: shown(value) };
}
