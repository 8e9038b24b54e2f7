import { edgePodLabels } from '../../compile/metadata.ts';
import type { KubeObject } from '../../compile/output.ts';
import type { Problem } from '../../model/problem.ts';
import type { GkeSpec } from './gke-spec.ts';

interface EdgePod {
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly {
    readonly key?: string;
    readonly operator?: string;
    readonly value?: string;
    readonly effect?: string;
  }[];
}

/**
 * Whether the objects of the edge fit the nodes and the firewall that are made for it. Label, taint and ports are
 * written in three places that know nothing of each other; what differs by a letter is an edge that never runs.
 */
export function edgeContractProblems(spec: GkeSpec, platform: readonly KubeObject[]): readonly Problem[] {
  return [...platform.flatMap((object) => workloadProblems(spec, object)), ...portProblems(spec, platform)];
}

function workloadProblems({ edgePool }: GkeSpec, object: KubeObject): readonly Problem[] {
  const pod = edgePodOf(object);
  if (pod === null) return [];
  const { label, taint } = edgePool;
  const at = (path: string) => ({
    subject: `${object.kind} ${object.metadata.name}`,
    path: `spec.template.spec.${path}`,
  });
  const effect = taint.effect === 'NO_EXECUTE' ? 'NoExecute' : 'NoSchedule';
  const tolerated = pod.tolerations?.some(
    (one) =>
      one.key === taint.key &&
      (one.operator === 'Exists' || one.value === taint.value) &&
      (one.effect === undefined || one.effect === effect),
  );
  return [
    ...(pod.nodeSelector?.[label.key] === label.value
      ? []
      : [
          {
            code: 'edge-contract',
            at: at('nodeSelector'),
            found: JSON.stringify(pod.nodeSelector ?? {}),
            expected: `${label.key}=${label.value}, the label of the edge nodes`,
            fix: 'Write the label under edgeNodes of the environment.',
          },
        ]),
    ...(tolerated === true
      ? []
      : [
          {
            code: 'edge-contract',
            at: at('tolerations'),
            found: `none for ${taint.key}`,
            expected: `a toleration of ${taint.key}=${taint.value}:${effect}, the taint of the edge nodes`,
            fix: 'Write the taint under edgeNodes of the environment.',
          },
        ]),
  ];
}

/** The pod of an edge's workload; null for any other object. */
function edgePodOf({ kind, spec }: KubeObject): EdgePod | null {
  if (kind !== 'DaemonSet' && kind !== 'Deployment') return null;
  const { metadata, spec: pod } = (
    spec as { readonly template: { readonly metadata: KubeObject['metadata']; readonly spec: EdgePod } }
  ).template;
  return Object.entries(edgePodLabels).every(([key, value]) => metadata.labels?.[key] === value) ? pod : null;
}

function portProblems({ exposure }: GkeSpec, platform: readonly KubeObject[]): readonly Problem[] {
  return platform.flatMap((object) => {
    const {
      type,
      ports = [],
      externalTrafficPolicy,
    } = (object.kind === 'Service' ? object.spec : {}) as {
      readonly type?: string;
      readonly ports?: readonly { readonly port: number }[];
      readonly externalTrafficPolicy?: string;
    };
    if (type !== 'LoadBalancer') return [];
    const subject = `Service ${object.metadata.name}`;
    const closed = ports.filter(({ port }) => !exposure.ports.includes(port)).map(({ port }) => port);
    return [
      ...closed.map((port) => ({
        code: 'edge-contract',
        at: { subject, path: 'spec.ports' },
        found: `port ${port}`,
        expected: `ports that the firewall opens: ${exposure.ports.join(', ')}`,
        fix: 'Serve the edge on 80 and 443.',
      })),
      ...(externalTrafficPolicy === 'Local'
        ? []
        : [
            {
              code: 'edge-contract',
              at: { subject, path: 'spec.externalTrafficPolicy' },
              found: externalTrafficPolicy ?? 'nothing',
              expected: 'Local: only edge nodes answer the health check, and the client address stays',
              fix: 'Take away what changes it.',
            },
          ]),
    ];
  });
}
