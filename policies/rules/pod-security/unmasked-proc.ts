import { has, quoted, text } from '../fields.ts';
import { below, containerName, type Pod } from '../pod.ts';
import type { Fault } from '../rule.ts';

/** Containers that ask for another /proc than the masked one. */
export function* unmaskedProc(pod: Pod): Iterable<Fault> {
  for (const container of pod.containers) {
    if (!has(container.value, 'securityContext', 'procMount')) continue;
    const kind = text(container.value, 'securityContext', 'procMount');
    if (kind === 'Default') continue;
    const found = `${quoted(kind)} in ${containerName(container)}`;
    yield { path: below(container, 'securityContext', 'procMount'), found };
  }
}
