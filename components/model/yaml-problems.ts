import {
  type Document,
  isAlias,
  isScalar,
  type Node,
  type Scalar,
  visit,
  type YAMLError,
  type YAMLWarning,
} from 'yaml';
import type { Problem } from './problem.ts';
import { showName } from './shown.ts';

/** Something a YAML text may say and a definition may not. */
export interface YamlFinding {
  readonly code: string;
  /** Characters before it in the text. */
  readonly offset: number;
  readonly found: string;
  readonly expected: string;
  readonly fix: string;
}

/** Bound on what aliases may unfold to, so that a small text cannot become a huge definition. */
export const aliasBound = { maxAliasCount: 100 } as const;

const maxCharacters = 16_000_000;
const maxNesting = 200;

/** What stands in the way before anything can be read as YAML. */
export function unreadableText(text: string, file: string): Problem | undefined {
  if (text.length > maxCharacters)
    return textProblem('too-large', file, text, 0, {
      found: `${text.length} characters`,
      expected: `at most ${maxCharacters} characters in one file`,
      fix: 'Split the file.',
    });
  const replacement = text.indexOf('\uFFFD');
  if (replacement !== -1)
    return textProblem('not-utf-8', file, text, replacement, {
      found: 'bytes that are no UTF-8',
      expected: 'text in UTF-8',
      fix: 'Save the file in UTF-8.',
    });
  const deep = deepNesting(text);
  if (deep !== -1)
    return textProblem('too-deep', file, text, deep, {
      found: 'lists or objects nested hundreds deep',
      expected: 'at most 32 levels',
      fix: 'Flatten it.',
    });
  const control = text.search(/(?![\t\n\r\u0085])\p{Cc}/u);
  if (control === -1) return undefined;
  return textProblem('control-character', file, text, control, {
    found: 'a control character',
    expected: 'printable text',
    fix: 'Remove it.',
  });
}

/**
 * Where the text may nest deeper than the reader has stack for (it would end the process, not throw): brackets, runs of
 * `- ` or `? `, or indentation. -1: nowhere.
 */
function deepNesting(text: string): number {
  const run = text.search(new RegExp(`(?:[-?][ \\t]+){${maxNesting}}|^ {${maxNesting}}`, 'm'));
  if (run !== -1) return run;
  let open = 0;
  for (const { 0: bracket, index } of text.matchAll(/[[\]{}]/g)) {
    open = bracket === '[' || bracket === '{' ? open + 1 : Math.max(0, open - 1);
    if (open > maxNesting) return index;
  }
  return -1;
}

/** What is wrong with one document as YAML, and whether it can be read all the same. Of syntax errors the first counts. */
export function yamlFindings(document: Document.Parsed): {
  readonly findings: readonly YamlFinding[];
  readonly readable: boolean;
} {
  const duplicates = document.errors.filter(({ code }) => code === 'DUPLICATE_KEY').map(syntaxFinding);
  const syntax = document.errors
    .filter(({ code }) => code !== 'DUPLICATE_KEY')
    .slice(0, 1)
    .map(syntaxFinding);
  if (syntax.length > 0) return { findings: [...duplicates, ...syntax], readable: false };
  const tags = document.warnings.filter(({ code }) => code === 'TAG_RESOLVE_FAILED').map(syntaxFinding);
  const nodes = [...tags, ...nodeFindings(document)];
  const fatal = nodes.some(({ code }) => code !== 'unclear-number') ? [] : bombFindings(document);
  const readable = fatal.length === 0 && nodes.every(({ code }) => code === 'unclear-number');
  return { findings: [...duplicates, ...nodes, ...fatal], readable };
}

function syntaxFinding({ code, message, pos }: YAMLError | YAMLWarning): YamlFinding {
  const offset = pos[0];
  if (code === 'DUPLICATE_KEY')
    return finding(
      'duplicate-key',
      offset,
      'a field that stands there already',
      'each field once',
      'Remove one of the two.',
    );
  if (code === 'TAB_AS_INDENT')
    return finding('yaml-syntax', offset, 'a tab as indentation', 'spaces', 'Indent with spaces.');
  if (code === 'TAG_RESOLVE_FAILED')
    return finding('unknown-tag', offset, 'a tag', 'plain YAML values', 'Remove the tag.');
  const said = message.replace(/: ".*$/s, '');
  const found = `text that is no YAML (${said.slice(0, 1).toLowerCase()}${said.slice(1)})`;
  return finding('yaml-syntax', offset, found, 'YAML 1.2', 'Mend the syntax here or just before.');
}

function nodeFindings(document: Document.Parsed): readonly YamlFinding[] {
  const found: YamlFinding[] = [];
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) === undefined)
        found.push(
          at(
            'unknown-anchor',
            alias,
            `the alias *${alias.source}`,
            'an anchor that stands before it',
            'Write the value out.',
          ),
        );
    },
    Pair: (_, pair) => {
      if (!isScalar(pair.key) && !isAlias(pair.key))
        found.push(
          at('wrong-name', pair.key as Node, 'a list or an object as a name', 'a plain name', 'Write a plain name.'),
        );
    },
    Node: (_, node) => {
      const tag = isAlias(node) ? undefined : node.tag;
      if (tag?.startsWith(yamlTag) === true && !coreTags.has(tag.slice(yamlTag.length)))
        found.push(at('unknown-tag', node, 'a tag', 'plain YAML values', 'Remove the tag.'));
    },
    Scalar: (_, scalar) => {
      if (isUnclearNumber(scalar)) found.push(unclearNumber(scalar));
    },
  });
  return found;
}

const yamlTag = 'tag:yaml.org,2002:';
const coreTags: ReadonlySet<string> = new Set(['str', 'int', 'float', 'bool', 'null', 'map', 'seq']);

/** `010`, `0x10`, `1e3`, `.inf`: YAML 1.1, YAML 1.2 and people read them differently. */
function isUnclearNumber({ value, source, type }: Scalar): boolean {
  return typeof value === 'number' && type === 'PLAIN' && !/^-?(0|[1-9][0-9]{0,15})(\.[0-9]+)?$/.test(source ?? '');
}

function unclearNumber(scalar: Scalar): YamlFinding {
  const value = Number.isSafeInteger(scalar.value) ? `${String(scalar.value)}, or ` : '';
  const found = `the number ${showName(scalar.source ?? '')}`;
  return at(
    'unclear-number',
    scalar,
    found,
    'a plain decimal number, or a string in quotes',
    `Write ${value}quotes around it.`,
  );
}

function bombFindings(document: Document.Parsed): readonly YamlFinding[] {
  try {
    document.toJS(aliasBound);
    return [];
  } catch {
    const expected = `aliases that unfold to at most ${aliasBound.maxAliasCount} copies`;
    return [finding('too-large', 0, 'aliases of aliases', expected, 'Write the values out.')];
  }
}

function at(code: string, node: Node, found: string, expected: string, fix: string): YamlFinding {
  return finding(code, node.range?.[0] ?? 0, found, expected, fix);
}

function finding(code: string, offset: number, found: string, expected: string, fix: string): YamlFinding {
  return { code, offset, found, expected, fix };
}

function textProblem(
  code: string,
  file: string,
  text: string,
  offset: number,
  words: Pick<Problem, 'found' | 'expected' | 'fix'>,
): Problem {
  const before = text.slice(0, offset).split('\n');
  const source = { file, line: before.length, column: (before.at(-1) ?? '').length + 1 };
  return { code, at: { subject: file, path: '', source }, ...words };
}
