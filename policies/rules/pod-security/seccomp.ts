import { has, quoted, text } from '../fields.ts';
import { below, type Pod } from '../pod.ts';
import type { Fault } from '../rule.ts';

type Part = Pick<Pod, 'path' | 'value'>;

/** What a pod or a container says about its filter of system calls. */
export function seccompOf({ value }: Part): 'good' | 'bad' | 'nothing' {
  if (!has(value, 'securityContext', 'seccompProfile')) return 'nothing';
  const type = text(value, 'securityContext', 'seccompProfile', 'type');
  return type === 'RuntimeDefault' || type === 'Localhost' ? 'good' : 'bad';
}

/** The fault of a part whose profile is bad. */
export function seccompFault(part: Part): Fault {
  const type = text(part.value, 'securityContext', 'seccompProfile', 'type');
  return { path: below(part, 'securityContext', 'seccompProfile', 'type'), found: quoted(type) };
}
