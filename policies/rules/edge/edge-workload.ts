import { field, names, parts, text } from '../fields.ts';
import { type Pod, podOf } from '../pod.ts';
import type { Subject } from '../rule.ts';

/** A label or a taint of edge nodes. */
export interface Mark {
  readonly key: string;
  readonly value: string;
}

/** The label and the taint of edge nodes where nothing else is said. */
export const usualLabel: Mark = { key: 'role', value: 'edge-router' };
export const usualTaint: Mark = { key: 'dedicated', value: 'edge-router' };

export const nodePoolType = 'gcp:container/nodePool:NodePool';

/** The pod of an edge: it carries the label that lets it in through every network policy. */
export function edgePodOf(subject: Subject): Pod | null {
  const pod = podOf(subject);
  return pod !== null && text(pod.metadata.value, 'labels', 'edgeplane.dev/component') === 'edge' ? pod : null;
}

/** The node labels a pod asks for by selector. */
export function selected(pod: Pod): readonly Mark[] {
  return names(pod.value, 'nodeSelector').map((key) => ({ key, value: text(pod.value, 'nodeSelector', key) }));
}

/** Whether a pod may stand on nodes with a taint, whatever its effect. */
export function tolerates(pod: Pod, taint: Mark): boolean {
  return parts(pod.value, pod.path, 'tolerations').some(({ value }) => {
    const [key, operator] = [text(value, 'key'), text(value, 'operator') || 'Equal'];
    if (key === '') return operator === 'Exists';
    return key === taint.key && (operator === 'Exists' || text(value, 'value') === taint.value);
  });
}

/** The taints a pod names in its tolerations. */
export function toleratedByName(pod: Pod): readonly Mark[] {
  return parts(pod.value, pod.path, 'tolerations').flatMap(({ value }) => {
    const key = text(value, 'key');
    return key === '' ? [] : [{ key, value: text(value, 'value') }];
  });
}

/** Whether a pool of nodes is one for the edge: by its label or its taint. */
export function isEdgePool({ type, properties }: Subject): boolean {
  if (type !== nodePoolType) return false;
  const labelled = text(properties, 'nodeConfig', 'labels', usualLabel.key) === usualLabel.value;
  return (
    labelled || poolTaints(properties).some(({ key, value }) => key === usualTaint.key && value === usualTaint.value)
  );
}

/** The taints of a pool of nodes. */
export function poolTaints(inputs: unknown): readonly (Mark & { readonly effect: string })[] {
  return parts(inputs, [], 'nodeConfig', 'taints').map(({ value }) => ({
    key: text(value, 'key'),
    value: text(value, 'value'),
    effect: text(value, 'effect'),
  }));
}

/** A number at a path; null where there is none. */
export function count(inputs: unknown, ...path: readonly string[]): number | null {
  const value = field(inputs, ...path);
  return typeof value === 'number' || (typeof value === 'string' && value !== '') ? Number(value) : null;
}
