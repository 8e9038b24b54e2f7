import { type Document, isAlias, isMap, isNode, isScalar, LineCounter, type Node, parseAllDocuments } from 'yaml';
import type { Origin, ParsedDefinition, Position } from './definition.ts';
import { parseDefinitions, type Source } from './parse.ts';
import type { Path } from './path.ts';
import type { Problem, Result } from './problem.ts';
import { aliasBound, unreadableText, yamlFindings } from './yaml-problems.ts';

/**
 * Reads the definitions of one YAML 1.2 text (core schema, several documents; empty ones are skipped). Every problem
 * has its line and column. Never throws.
 */
export function readYaml(text: string, file: string): Result<readonly ParsedDefinition[]> {
  const read = readDocuments(text, file);
  const problems = read.flatMap((document) => document.problems);
  if (read.some(({ refused }) => refused)) return { ok: false, problems };
  const parsed = parseDefinitions(read.flatMap(({ source }) => source ?? []));
  if (problems.length === 0) return parsed;
  return { ok: false, problems: [...problems, ...(parsed.ok ? [] : parsed.problems)] };
}

/** The documents of a text before it is known what they define. A text that cannot be read at all is one refused document. */
export function readDocuments(text: string, file: string): readonly ReadDocument[] {
  const marked = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const refusal = unreadableText(marked, file);
  if (refusal !== undefined) return [{ problems: [refusal], refused: true }];
  const lines = new LineCounter();
  const documents = parseAllDocuments(marked, { lineCounter: lines, prettyErrors: false, logLevel: 'silent' });
  return [...documents].filter((document) => !isEmpty(document)).map((document) => readDocument(document, file, lines));
}

/** One document of a YAML text. */
export interface ReadDocument {
  readonly problems: readonly Problem[];
  /** Absent: the text says no one thing. */
  readonly source?: Source;
  /** Nothing of the text was read. */
  readonly refused?: boolean;
}

function readDocument(document: Document.Parsed, file: string, lines: LineCounter): ReadDocument {
  const { findings, readable } = yamlFindings(document);
  const problems = findings.map(({ offset, ...text }): Problem => {
    const source = { file, ...at(offset, lines) };
    return { ...text, at: { subject: file, path: '', source } };
  });
  if (!readable) return { problems };
  return { problems, source: { input: document.toJS(aliasBound), origin: originOf(document, file, lines) } };
}

function isEmpty({ errors, contents }: Document.Parsed): boolean {
  return errors.length === 0 && (contents === null || (isScalar(contents) && contents.value === null));
}

function originOf(document: Document.Parsed, file: string, lines: LineCounter): Origin {
  return { file, positionOf: (path) => positionOf(document, path, lines) };
}

/** The place of a field is its name, that of a list entry its value. */
function positionOf(document: Document.Parsed, path: Path, lines: LineCounter): Position | undefined {
  const node = path.length === 0 ? document.contents : nodeAt(document, path);
  return isNode(node) && node.range ? at(node.range[0], lines) : undefined;
}

function nodeAt(document: Document.Parsed, path: Path): Node | undefined {
  const last = path.at(-1);
  const holder = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const resolved = isAlias(holder) ? holder.resolve(document) : holder;
  if (isMap(resolved)) {
    const pair = resolved.items.find(({ key }) => isScalar(key) && String(key.value) === last);
    return isNode(pair?.key) ? pair.key : undefined;
  }
  const value = document.getIn(path, true);
  return isNode(value) ? value : undefined;
}

function at(offset: number, lines: LineCounter): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}
