import type { KubeObject } from '../../components/compile/output.ts';
import { type Difference, shortfalls, type Tree } from './difference.ts';

/** How one compiled object stands in a cluster. */
export interface LiveDifference {
  /** `Kind namespace/name`. */
  readonly object: string;
  readonly verdict: 'missing' | 'differs' | 'left over';
  readonly differences: readonly Difference[];
}

/**
 * What a cluster lacks of these objects, has otherwise, or has of this environment beyond them. What an API server or a
 * controller fills in is no difference: status, defaults, replicas under an autoscaler.
 */
export function liveDifferences(
  wanted: readonly KubeObject[],
  found: readonly KubeObject[],
  environment: string,
): readonly LiveDifference[] {
  const live = new Map(found.map((object) => [keyOf(object), object]));
  const own = new Set(wanted.map(keyOf));
  const changed = wanted.flatMap((object): readonly LiveDifference[] => {
    const other = live.get(keyOf(object));
    if (other === undefined) return [{ object: nameOf(object), verdict: 'missing', differences: [] }];
    const differences = shortfalls(object as unknown as Tree, other as unknown as Tree).filter(
      ({ path }) => path[0] !== 'apiVersion',
    );
    return differences.length === 0 ? [] : [{ object: nameOf(object), verdict: 'differs', differences }];
  });
  const left = found.filter(
    (object) =>
      object.metadata.annotations?.['edgeplane.dev/environment'] === environment &&
      !own.has(keyOf(object)) &&
      !isMadeByAController(object),
  );
  return [
    ...changed,
    ...left.map((object) => ({ object: nameOf(object), verdict: 'left over' as const, differences: [] })),
  ];
}

/** By group and kind: the version is the API server's choice. */
function keyOf({ apiVersion, kind, metadata }: KubeObject): string {
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
  return [group, kind, metadata.namespace ?? '', metadata.name].join(' ');
}

function nameOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
}

function isMadeByAController({ metadata }: KubeObject): boolean {
  return 'ownerReferences' in metadata;
}
