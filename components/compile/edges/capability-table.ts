import { capabilities } from './capability.ts';
import type { ServedEdge, Verdict } from './verdict.ts';

const titles: Readonly<Record<ServedEdge, string>> = {
  traefik: 'Traefik',
  gateway: 'Gateway API',
  nginx: 'nginx',
  'nginx-by-traefik': 'nginx by Traefik',
  'nginx-by-ingress-nginx': 'nginx by ingress-nginx',
  pods: 'Pods',
  catalog: 'Catalog',
};

/** The capability table as Markdown: one row a feature, one column for each edge that some row speaks of. */
export function capabilityTable(): string {
  const edges = (Object.keys(titles) as ServedEdge[]).filter((edge) =>
    capabilities.some((capability) => capability.edges[edge] !== undefined),
  );
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    row(['What is asked', ...edges.map((edge) => titles[edge])]),
    row(['---', ...edges.map(() => '---')]),
    ...capabilities.map(({ feature, name, edges: verdicts }) =>
      row([feature, ...edges.map((edge) => cell(verdicts[edge], `${edge}/${name}`))]),
    ),
  ].join('\n');
}

function cell(verdict: Verdict | undefined, name: string): string {
  switch (verdict?.verdict) {
    case undefined:
      return '–';
    case 'kept':
      return verdict.note === undefined ? 'kept' : `kept: ${verdict.note}`;
    case 'differs':
      return `differs: ${verdict.note}`;
    case 'loss':
      return `loss \`${name}\`: ${verdict.instead}`;
    default:
      return verdict satisfies never;
  }
}
