import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, test } from 'vitest';

/** Files git knows or would add, as they stand in the working tree. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && !file.includes('generated') && !file.startsWith('test/golden/'));
const read = (file: string) => readFileSync(file, 'utf8');
const source = files.filter((file) => file.endsWith('.ts'));

/** A longer file says why in its first comment: `long: …`. */
test('a source file has at most 250 lines, or says at its top why it is longer', () => {
  const long = source.filter((file) => {
    const text = read(file);
    return text.split('\n').length > 251 && !/^(?:\/\*\*?|\/\/)[\s\S]{0,400}\blong: /i.test(text);
  });
  expect(long.filter((file) => !/^(test|bench)\//.test(file))).toEqual([]);
});

test('no file is named after a category that means nothing', () => {
  expect(files.filter((file) => /^(utils?|common|helpers?|misc|manager)\b/.test(basename(file)))).toEqual([]);
});

test('no source keeps unfinished business', () => {
  const marks = new RegExp(`\\b(${['TO', 'FIX'].join('DO|')}ME|X{3})\\b|@ts-ignore|\\btest\\.(only|skip|todo)\\b`);
  expect(source.filter((file) => file !== 'test/tidy/tree.test.ts' && marks.test(read(file)))).toEqual([]);
});

test('every dependency is pinned exactly', () => {
  const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
  const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
    ([, version]) => !/^[0-9]+\.[0-9]+\.[0-9]+$/.test(version),
  );
  expect(loose).toEqual([]);
});

test('no text names a path of the machine it was written on', () => {
  const machine = /\/(work\/(main|shared)|tmp\/(bin|cluster))|\/root\/\.cache/;
  const text = files.filter((file) => /\.(ts|md|json|yaml|cjs|go|sh)$|^scripts\/|^\.ci\//.test(file));
  expect(text.filter((file) => file !== 'test/tidy/tree.test.ts' && machine.test(read(file)))).toEqual([]);
});
