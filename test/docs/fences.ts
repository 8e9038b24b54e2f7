import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(__dirname, '../..');

/** A fenced block: its language, the word behind it, and its text. */
export interface Fence {
  readonly file: string;
  readonly language: string;
  readonly word: string;
  readonly text: string;
}

/** Every document of the tree that may have commands in it. */
export const documents: readonly string[] = [
  'README.md',
  ...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`)
    .toSorted(),
];

export function fencesOf(file: string): readonly Fence[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  return [...text.matchAll(/^```([a-z]*) ?(.*)\n([\s\S]*?)^```$/gm)].map(([, language = '', word = '', body = '']) => ({
    file,
    language,
    word,
    text: body,
  }));
}

/** The commands of the `sh` blocks with this word behind the language; none stands for no word. */
export function commandsOf(word: string): readonly [string, string][] {
  return documents
    .flatMap(fencesOf)
    .filter((fence) => fence.language === 'sh' && fence.word === word)
    .flatMap(({ file, text }) =>
      text
        .trim()
        .split('\n')
        .map((line): [string, string] => [file, line]),
    );
}
