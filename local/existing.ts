import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { type ClusterCandidates, contextsToTry, type NodeSummary } from './choose.ts';
import { attempt } from './command.ts';

/** How clusters that are not ours are asked. */
export interface ExistingAccess {
  /** The user's `KUBECONFIG` and `HOME`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Gives a kubectl; called only when there is somebody to ask. */
  readonly kubectl: () => Promise<string>;
}

interface ContextFile {
  readonly contexts?: readonly { readonly name: string }[];
}

/** The names of all contexts in the user's kubeconfig files. A file that is not there, or is no YAML, has none. */
export async function readContexts(env: ExistingAccess['env']): Promise<readonly string[]> {
  const files = env.KUBECONFIG?.split(delimiter).filter(Boolean) ?? [join(env.HOME ?? '/root', '.kube/config')];
  const names = files.map(async (file) => {
    try {
      const config = parse(await readFile(file, 'utf8')) as ContextFile | null;
      return (config?.contexts ?? []).map((context) => context.name);
    } catch {
      return [];
    }
  });
  return (await Promise.all(names)).flat();
}

async function ask(access: ExistingAccess, context: string, ...words: readonly string[]): Promise<string | undefined> {
  const args = ['--context', context, '--request-timeout=3s', ...words];
  const { exitCode, stdout } = await attempt(await access.kubectl(), args, { env: access.env });
  return exitCode === 0 ? stdout : undefined;
}

/** Finds the clusters that `up` could take instead of its own. */
export async function findCandidates(wanted: string | undefined, access: ExistingAccess): Promise<ClusterCandidates> {
  const contexts = await readContexts(access.env);
  const tried = contextsToTry({ wanted, contexts });
  const answers = await Promise.all(tried.map((context) => ask(access, context, 'get', '--raw', '/readyz')));
  return { wanted, contexts, reachable: tried.filter((_, index) => answers[index] !== undefined) };
}

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
    readonly spec: {
      readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
    };
  }[];
}

/** The nodes of an existing cluster. */
export async function readNodes(context: string, access: ExistingAccess): Promise<readonly NodeSummary[]> {
  const answer = await ask(access, context, 'get', 'nodes', '--output=json');
  if (answer === undefined) throw new Error(`context ${context}: its nodes cannot be listed`);
  return (JSON.parse(answer) as NodeList).items.map(({ metadata, spec }) => ({
    name: metadata.name,
    labels: metadata.labels ?? {},
    taints: (spec.taints ?? []).map(({ key, value = '', effect }) => `${key}=${value}:${effect}`),
  }));
}
