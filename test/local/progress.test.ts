import { expect, test } from 'vitest';
import { createProgress } from '../../local/progress.ts';

function written(isTTY: boolean) {
  const texts: string[] = [];
  let time = 0;
  const progress = createProgress({ isTTY, write: (text) => void texts.push(text) }, () => time);
  const pass = (ms: number) => async () => {
    time += ms;
  };
  return { texts, progress, pass };
}

test('a long step is one line with its time', async () => {
  const { texts, progress, pass } = written(false);
  await progress.step('API server', pass(3210));
  expect(texts).toEqual(['ok      API server (3.2 s)\n']);
});

test('a short step is not worth a line', async () => {
  const { texts, progress, pass } = written(false);
  await progress.step('folders', pass(20));
  expect(texts).toEqual([]);
});

test('a failed step is named however short it was, and its error goes on', async () => {
  const { texts, progress } = written(false);
  await expect(progress.step('etcd', () => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full');
  expect(texts).toEqual(['failed  etcd (0.0 s)\n']);
});

test('what is no terminal gets no control characters', async () => {
  const { texts, progress, pass } = written(false);
  await progress.step('API server', pass(5000));
  progress.note('words');
  expect(texts.join('')).toMatch(/^[\x20-\x7e\n]*$/);
});

test('a terminal keeps finished lines and clears the running one', async () => {
  const { texts, progress, pass } = written(true);
  await progress.step('API server', pass(3210));
  expect(texts.join('')).toBe('\r\x1b[Kok      API server (3.2 s)\n\r\x1b[K\r\x1b[K');
});
