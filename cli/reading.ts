import type { ReadDocument } from '../components/model/yaml.ts';
import type { Answer } from '../components/readers/answer.ts';
import { type ClassDialect, classDialects } from '../components/readers/ingress-class.ts';
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

/** Where existing objects are read from, and by whose rules; beside `inputOptions`. */
export const readingOptions: readonly VerbOption[] = [
  {
    flags: '--context <name>',
    description: 'read Ingress, IngressRoute and HTTPRoute of the cluster of this kubectl context',
  },
  {
    flags: '--class <name=kind>',
    description: `whose annotations count for a class of Ingresses: one of ${classDialects.join(', ')}; default=KIND for Ingresses without a class`,
    repeatable: true,
  },
];

/** Lets a run end with 0 although something stays open or untold. */
export const allowOption: VerbOption = {
  flags: '--allow <answer>',
  description: 'answers that are no reason to exit with 1: cannot-tell, open',
  repeatable: true,
};

/** Whether `--allow` names an answer; `asks` needs no permission. */
export function allows({ allow }: Flags, answer: Answer): boolean {
  const allowed = Array.isArray(allow) ? (allow as readonly string[]) : [];
  const wrong = allowed.find((one) => one !== 'open' && one !== 'cannot-tell');
  if (wrong !== undefined) throw usageError(`--allow ${wrong}: expected cannot-tell or open`);
  return answer === 'asks' || allowed.includes(answer.replace(' ', '-'));
}

/** What the flags lead to. One of the two at least. */
export interface ReadInput {
  /** Definitions, compiled; null where only objects are asked about. */
  readonly compiled: CompiledInput | null;
  /** Routes of existing objects; null where there are none. */
  readonly reading: Reading | null;
  /** Existing objects of any kind. */
  readonly objects: readonly ObjectSource[];
  /** What of the files was passed over, a line each, with what to do about it. */
  readonly skipped: readonly string[];
}

/** As `compileInput`, for verbs that also look at existing objects: those of files, and of a cluster by `--context`. */
export async function readInput(given: Flags, io: Io): Promise<ReadInput> {
  const found = await filesBelow(filesOf(given), io);
  const files = found.map(({ file }) => file);
  const flags: Flags = { ...given, file: files };
  const context = typeof flags.context === 'string' ? flags.context : null;
  const classes = classesOf(given);
  const none = { reading: null, objects: [], skipped: [] };
  if (files.length === 0 && context === null) return { compiled: await compileInput(flags, io), ...none };
  const texts = await readTexts(files, io);
  if (context === null && !found.some(({ ofFolder }) => ofFolder) && !texts.some(mayHoldObjects)) {
    const known = new Map(files.map((file, index) => [file, texts[index] ?? '']));
    return {
      compiled: await compileInput(flags, { ...io, read: async (file) => known.get(file) ?? '' }),
      ...none,
    };
  }
  const { readObjects } = await import('../components/readers/read.ts');
  const { definitions, objects, skipped } = await split(found, texts);
  const live = context === null ? [] : await liveObjects(context, io);
  const empty = definitions.ok && definitions.value.length === 0;
  const all = [...objects, ...live];
  return {
    compiled: empty ? null : await compileDefinitions(definitions, flags, io),
    reading: readObjects(all, { complete: context !== null, classes }),
    objects: all,
    skipped,
  };
}

/** The classes that `--class` gives. */
function classesOf({ class: given }: Flags): ReadonlyMap<string, ClassDialect> {
  const all = Array.isArray(given) ? (given as readonly string[]) : [];
  return new Map(
    all.map((text) => {
      const [name = '', kind = ''] = text.split('=');
      const dialect = classDialects.find((one) => one === kind);
      if (name === '' || dialect === undefined)
        throw usageError(`--class ${text}: expected NAME=KIND, where KIND is one of ${classDialects.join(', ')}`);
      return [name, dialect] as const;
    }),
  );
}

/** A file to read; one of a folder may be something else than objects and definitions. */
interface FoundFile {
  readonly file: string;
  readonly ofFolder: boolean;
}

/** Folders replaced by the files in them. */
async function filesBelow(paths: readonly string[], io: Io): Promise<readonly FoundFile[]> {
  const all: FoundFile[] = [];
  for (const path of paths) {
    const below = await io.list(path);
    if (below?.length === 0) throw usageError(`${path} holds no YAML and no JSON`);
    all.push(...(below?.map((file) => ({ file, ofFolder: true })) ?? [{ file: path, ofFolder: false }]));
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
    !isOurs(input) &&
    /^(?:v1|(?:[a-z0-9-]+\.[a-z0-9.-]+|apps|batch|autoscaling|policy|extensions)\/[a-z0-9]+)$/.test(version)
  );
}

/** What a document is: a Kubernetes object, something of a folder that is neither it nor a definition, or a definition. */
type DocumentKind = 'object' | 'other' | 'definition';

function kindOf(input: unknown, { ofFolder }: FoundFile): DocumentKind {
  if (isKubernetesObject(input)) return 'object';
  return ofFolder && !isOurs(input) ? 'other' : 'definition';
}

async function split(files: readonly FoundFile[], texts: readonly string[]) {
  const [{ readDocuments }, { parseDefinitions }, { isForRendering, skippedLines }] = await Promise.all([
    import('../components/model/yaml.ts'),
    import('../components/model/parse.ts'),
    import('./foreign-files.ts'),
  ]);
  const passed = new Set(
    files.filter(({ file, ofFolder }, index) => ofFolder && isForRendering(file, texts[index] ?? '')),
  );
  const documents = files.flatMap((found, index) =>
    passed.has(found)
      ? []
      : documentsOf(texts[index] ?? '', found.file, readDocuments).map((document) => ({ ...document, found })),
  );
  const sorted = documents.map((document) => ({ ...document, kind: kindOf(document.source?.input, document.found) }));
  const of = (wanted: DocumentKind) => sorted.filter(({ kind }) => kind === wanted);
  const [foreign, others, own] = [of('object'), of('other'), of('definition')];
  const parsed = parseDefinitions(own.flatMap(({ source }) => source ?? []));
  const problems = [
    ...own.flatMap((document) => document.problems),
    ...foreign.flatMap((document) => document.problems.filter(({ code }) => code !== 'unclear-number')),
    ...(parsed.ok ? [] : parsed.problems),
  ];
  const definitions: Definitions = problems.length === 0 ? parsed : { ok: false, problems };
  const objects = foreign.flatMap(({ source }): readonly ObjectSource[] =>
    source === undefined ? [] : [{ object: source.input, origin: source.origin }],
  );
  const skipped = skippedLines(
    [...passed].map(({ file }) => file),
    others.map(({ found }) => found.file),
    objects,
  );
  return { definitions, objects, skipped };
}

/** JSON is read by the JSON parser, which is a hundred times faster; what it refuses gets its place from the other one. */
function documentsOf(
  text: string,
  file: string,
  readDocuments: (text: string, file: string) => readonly ReadDocument[],
): readonly ReadDocument[] {
  if (/^\s*[{[]/.test(text)) {
    try {
      return [
        {
          problems: [],
          source: { input: JSON.parse(text), origin: { file: fileName(file), positionOf: () => undefined } },
        },
      ];
    } catch {
      // YAML's flow style begins alike.
    }
  }
  return readDocuments(text, fileName(file));
}

/** Whether a document means to be a definition of ours. */
function isOurs(input: unknown): boolean {
  const version = (input as { readonly apiVersion?: unknown } | null)?.apiVersion;
  return typeof version === 'string' && version.startsWith('edgeplane');
}

async function liveObjects(context: string, io: Io): Promise<readonly ObjectSource[]> {
  const { readCluster } = await import('./cluster-objects.ts');
  return readCluster(context, io);
}
