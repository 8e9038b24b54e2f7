import type { Namespace } from 'kubernetes-types/core/v1';
import { annotation, platformLabels } from '../metadata.ts';
import type { KubeObject } from '../output.ts';
import type { Plan } from '../plan.ts';

/**
 * The namespaces of the apps, held to Pod Security restricted. They belong to the platform: destroying an app takes
 * nothing shared away. Where routes on someone else's Service live too, restricted is only warned about, because the
 * pods there are not ours to refuse; a namespace with nothing but such routes is not ours at all.
 */
export function namespaceObjects({ environment, apps }: Plan): readonly KubeObject[] {
  const ours = new Set(apps.filter(({ workload }) => workload !== null).map(({ namespace }) => namespace));
  const shared = new Set(apps.filter(({ workload }) => workload === null).map(({ namespace }) => namespace));
  ours.delete('default');
  return [...ours].toSorted().map((name) => {
    const object = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name,
        labels: { ...platformLabels(name), ...podSecurity(!shared.has(name)) },
        annotations: { [annotation.environment]: environment.name },
      },
    } satisfies Namespace;
    return object;
  });
}

function podSecurity(enforced: boolean): Readonly<Record<string, string>> {
  const level = 'restricted';
  return {
    ...(enforced ? { 'pod-security.kubernetes.io/enforce': level } : {}),
    'pod-security.kubernetes.io/audit': level,
    'pod-security.kubernetes.io/warn': level,
  };
}
