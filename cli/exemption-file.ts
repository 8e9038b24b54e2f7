import { type Origin, placeAt } from '../components/model/definition.ts';
import type { Path } from '../components/model/path.ts';
import type { Problem } from '../components/model/problem.ts';
import { readDocuments } from '../components/model/yaml.ts';
import type { Exemption } from '../policies/judge/exemption.ts';
import { kubernetesRules } from '../policies/rules/kubernetes.ts';
import { type Io, usageError } from './io.ts';
import { exemptableCodes } from './reading-exemptions.ts';

/** Exemptions as a file has them, or every problem of it. */
export interface ExemptionFile {
  readonly exemptions: readonly Exemption[];
  readonly problems: readonly Problem[];
}

interface Field {
  readonly name: keyof Exemption;
  readonly expected: string;
  readonly isGood: (text: string) => boolean;
}

const ids: ReadonlySet<string> = new Set(kubernetesRules.map(({ id }) => id));

const fields: readonly Field[] = [
  {
    name: 'rule',
    expected: `the id of a rule, as docs/policies.md lists them, or one of ${[...exemptableCodes].join(', ')}`,
    isGood: (text) => ids.has(text) || exemptableCodes.has(text),
  },
  {
    name: 'object',
    expected: 'environment/Kind/namespace/name, with * for a whole part',
    isGood: (text) => text.split('/').length === 4,
  },
  { name: 'reason', expected: 'a reason of at least 8 characters', isGood: (text) => text.trim().length >= 8 },
  { name: 'owner', expected: 'who answers for it', isGood: (text) => text.trim() !== '' },
  { name: 'until', expected: 'a day as YYYY-MM-DD', isGood: isDay },
];

/**
 * Reads exemptions from YAML: a list of rule, object, reason, owner and until.
 * @throws {ExitError} code 2 where the file cannot be read
 */
export async function readExemptions(file: string, io: Io): Promise<ExemptionFile> {
  const text = await io.read(file).catch((error: unknown) => {
    throw usageError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  });
  const documents = readDocuments(text, file);
  const problems = documents.flatMap((document) => document.problems);
  const read = documents.flatMap(({ source }) => (source === undefined ? [] : [exemptionsOf(source, file)]));
  return {
    exemptions: read.flatMap(({ exemptions }) => exemptions),
    problems: [...problems, ...read.flatMap((each) => each.problems)],
  };
}

function exemptionsOf(
  { input, origin }: { readonly input: unknown; readonly origin?: Origin | undefined },
  file: string,
): ExemptionFile {
  const problemAt = (path: Path, found: string, expected: string): Problem => ({
    code: 'exemption',
    at: placeAt(file, origin, path),
    found,
    expected,
    fix: 'Correct the exemption: until then none of this file holds.',
  });
  if (!Array.isArray(input)) return { exemptions: [], problems: [problemAt([], 'no list', 'a list of exemptions')] };
  const problems = input.flatMap((entry: unknown, index) => [
    ...fields.flatMap(({ name, expected, isGood }) => {
      const value = textOf(entry, name);
      if (isGood(value)) return [];
      return [problemAt([index, name], value === '' ? 'nothing' : JSON.stringify(value), expected)];
    }),
    ...unknownNames(entry).map((name) =>
      problemAt([index, name], name, `one of ${fields.map((field) => field.name).join(', ')}`),
    ),
  ]);
  return { exemptions: problems.length === 0 ? input.map(exemptionOf) : [], problems };
}

function exemptionOf(entry: unknown): Exemption {
  const [rule, object, reason, owner, until] = fields.map(({ name }) => textOf(entry, name));
  return { rule: rule ?? '', object: object ?? '', reason: reason ?? '', owner: owner ?? '', until: until ?? '' };
}

function textOf(entry: unknown, name: string): string {
  const value = typeof entry === 'object' && entry !== null ? Reflect.get(entry, name) : undefined;
  return typeof value === 'string' ? value : '';
}

function unknownNames(entry: unknown): readonly string[] {
  if (typeof entry !== 'object' || entry === null) return [];
  return Object.keys(entry).filter((name) => !fields.some((field) => field.name === name));
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}
