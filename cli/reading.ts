import type { ObjectSource } from '../components/readers/kube-object.ts';
import type { Reading } from '../components/readers/read-route.ts';
import {
  type CompiledInput,
  compileDefinitions,
  compileInput,
  type Definitions,
  fileName,
  filesOf,
  readTexts,
} from './input.ts';
import { type Io, usageError } from './io.ts';
import type { Flags, VerbOption } from './verb.ts';

/** Reads routes from a cluster; beside `inputOptions`. */
export const contextOption: VerbOption = {
  flags: '--context <name>',
  description: 'read Ingress, IngressRoute and HTTPRoute of the cluster of this kubectl context',
};

/** What the flags lead to. One of the two at least. */
export interface ReadInput {
  /** Definitions, compiled; null where only objects are asked about. */
  readonly compiled: CompiledInput | null;
  /** Routes of existing objects; null where there are none. */
  readonly reading: Reading | null;
  /** Existing objects of any kind. */
  readonly objects: readonly ObjectSource[];
}

/** As `compileInput`, for verbs that also look at existing objects: those of files, and of a cluster by `--context`. */
export async function readInput(given: Flags, io: Io): Promise<ReadInput> {
  const files = await filesBelow(filesOf(given), io);
  const flags: Flags = { ...given, file: files };
  const context = typeof flags.context === 'string' ? flags.context : null;
  if (files.length === 0 && context === null)
    return { compiled: await compileInput(flags, io), reading: null, objects: [] };
  const texts = await readTexts(files, io);
  if (context === null && !texts.some(mayHoldObjects)) {
    const known = new Map(files.map((file, index) => [file, texts[index] ?? '']));
    return {
      compiled: await compileInput(flags, { ...io, read: async (file) => known.get(file) ?? '' }),
      reading: null,
      objects: [],
    };
  }
  const { readObjects } = await import('../components/readers/read.ts');
  const { definitions, objects } = await split(files, texts);
  const live = context === null ? [] : await liveObjects(context, io);
  const none = definitions.ok && definitions.value.length === 0;
  const all = [...objects, ...live];
  return {
    compiled: none ? null : await compileDefinitions(definitions, flags, io),
    reading: readObjects(all, context !== null),
    objects: all,
  };
}

/** Folders replaced by the files in them. */
async function filesBelow(paths: readonly string[], io: Io): Promise<readonly string[]> {
  const all: string[] = [];
  for (const path of paths) {
    const below = await io.list(path);
    if (below?.length === 0) throw usageError(`${path} holds no YAML and no JSON`);
    all.push(...(below ?? [path]));
  }
  return all;
}

/** A quick look, so that who has definitions only waits for no reader. */
function mayHoldObjects(text: string): boolean {
  return /^[\s{]*(?:- )?["']?apiVersion["']?\s*:\s*["']?(?!edgeplane\/)[a-z0-9]/m.test(text);
}

/** `v1`, or a group with a dot or of the built-in ones: what Kubernetes serves. */
function isKubernetesObject(input: unknown): boolean {
  const version = (input as { readonly apiVersion?: unknown } | null)?.apiVersion;
  return (
    typeof version === 'string' &&
    /^(?:v1|(?:[a-z0-9-]+\.[a-z0-9.-]+|apps|batch|autoscaling|policy|extensions)\/[a-z0-9]+)$/.test(version)
  );
}

async function split(files: readonly string[], texts: readonly string[]) {
  const [{ readDocuments }, { parseDefinitions }] = await Promise.all([
    import('../components/model/yaml.ts'),
    import('../components/model/parse.ts'),
  ]);
  const documents = texts.flatMap((text, index) => readDocuments(text, fileName(files[index])));
  const foreign = documents.filter(({ source }) => isKubernetesObject(source?.input));
  const own = documents.filter((document) => !foreign.includes(document));
  const parsed = parseDefinitions(own.flatMap(({ source }) => source ?? []));
  const problems = [
    ...own.flatMap((document) => document.problems),
    ...foreign.flatMap((document) => document.problems.filter(({ code }) => code !== 'unclear-number')),
    ...(parsed.ok ? [] : parsed.problems),
  ];
  const definitions: Definitions = problems.length === 0 ? parsed : { ok: false, problems };
  return {
    definitions,
    objects: foreign.flatMap(({ source }): readonly ObjectSource[] =>
      source === undefined ? [] : [{ object: source.input, origin: source.origin }],
    ),
  };
}

async function liveObjects(context: string, io: Io): Promise<readonly ObjectSource[]> {
  const { readCluster } = await import('./cluster-objects.ts');
  return readCluster(context, io);
}
