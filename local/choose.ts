/** What is known of the clusters that could be taken, before any is asked about its nodes. */
export interface ClusterCandidates {
  /** What `--context` said. */
  readonly wanted: string | undefined;
  /** Names of the contexts in the user's kubeconfig. */
  readonly contexts: readonly string[];
  /** Those of them whose API server answers. */
  readonly reachable: readonly string[];
}

/** The cluster that `up` takes, and why, in words for one line. */
export type ClusterChoice =
  | { readonly kind: 'existing'; readonly context: string; readonly why: string }
  | { readonly kind: 'embedded'; readonly why: string }
  | { readonly kind: 'none'; readonly problem: string };

/** The contexts of clusters made from the configuration beside this file, in the order they are tried. */
export const preparedContexts = ['kind-edgeplane', 'k3d-edgeplane'] as const;

/** The contexts worth asking whether they answer. */
export function contextsToTry({ wanted, contexts }: Omit<ClusterCandidates, 'reachable'>): readonly string[] {
  const asked: readonly string[] = wanted === undefined ? preparedContexts : [wanted];
  return asked.filter((name) => contexts.includes(name));
}

function takeWanted(wanted: string, { contexts, reachable }: ClusterCandidates): ClusterChoice {
  if (!contexts.includes(wanted)) {
    const known = contexts.length === 0 ? 'none' : contexts.join(', ');
    return { kind: 'none', problem: `--context ${wanted}: no such context in the kubeconfig; found ${known}` };
  }
  if (!reachable.includes(wanted)) {
    return { kind: 'none', problem: `--context ${wanted}: its API server does not answer; start that cluster first` };
  }
  return { kind: 'existing', context: wanted, why: `cluster of context ${wanted}, as --context says` };
}

/** First what was asked for by name, then a kind or k3d cluster made from our configuration, then the embedded one. */
export function chooseCluster(candidates: ClusterCandidates): ClusterChoice {
  if (candidates.wanted !== undefined) return takeWanted(candidates.wanted, candidates);
  const prepared = preparedContexts.find((name) => candidates.reachable.includes(name));
  return prepared === undefined
    ? {
        kind: 'embedded',
        why: 'the embedded cluster: no --context, and no kind or k3d cluster named edgeplane answers',
      }
    : { kind: 'existing', context: prepared, why: `cluster of context ${prepared}, found running` };
}

/** The part of a node that the edge contract is about. */
export interface NodeSummary {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** As `key=value:effect`. */
  readonly taints: readonly string[];
}

/** The labels and taint that the edge needs on its nodes. */
export interface EdgeContract {
  readonly label: { readonly key: string; readonly value: string };
  readonly taint: string;
}

/** What an existing cluster lacks for an edge; empty when it has a node with both the label and the taint. */
export function edgeNodeProblems(nodes: readonly NodeSummary[], { label, taint }: EdgeContract): readonly string[] {
  const words = `${label.key}=${label.value}`;
  const labelled = nodes.filter((node) => node.labels[label.key] === label.value);
  if (labelled.length === 0) {
    const names = nodes.map((node) => node.name).join(', ') || 'none';
    return [`nodes: found ${names}, none with label ${words}; run: kubectl label node NAME ${words}`];
  }
  return labelled
    .filter((node) => !node.taints.includes(taint))
    .map(
      (node) =>
        `node ${node.name}: has label ${words} but not taint ${taint}; run: kubectl taint node ${node.name} ${taint}`,
    );
}
