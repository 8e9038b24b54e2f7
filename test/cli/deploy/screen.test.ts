import { expect, test } from 'vitest';
import { createPendingDisplay } from '../../../cli/deploy/display.ts';
import type { Pending } from '../../../cli/deploy/pending.ts';
import { createProgress } from '../../../local/progress.ts';
import { createScreen } from './screen.ts';

const pending = (count: number): readonly Pending[] =>
  Array.from({ length: count }, (_, index) => ({
    what: `apps/a-rather-long-name-of-an-app-${index}`,
    why: 'image',
    detail: 'the image edgeplane.local/a-rather-long-name:local is not there yet',
  })) as readonly Pending[];

test.each([
  [80, 24, 3],
  [40, 24, 3],
  [40, 10, 30],
  [20, 5, 30],
])('in %i columns and %i rows %i pending apps are redrawn in place, and go without a trace', (columns, rows, count) => {
  const screen = createScreen(columns, rows);
  screen.write('before\n');
  const display = createPendingDisplay(
    { isTTY: true, columns: () => columns, rows: () => rows, write: screen.write },
    () => 0,
  );
  for (const left of [count, count, count - 1, 1, 0]) display.show(pending(left), new Map());
  display.end();
  expect(screen.lines()).toEqual(['before', 'ok      apps (0 s)', '']);
  expect([screen.wraps(), screen.lost(), screen.unknown()]).toEqual([0, 0, []]);
});

test('what does not fit is counted', () => {
  const screen = createScreen(80, 6);
  const sink = { isTTY: true, columns: () => 80, rows: () => 6, write: screen.write };
  createPendingDisplay(sink, () => 0).show(pending(30), new Map());
  expect(screen.lines().filter((line) => line !== '')).toHaveLength(5);
  expect(screen.lines()).toContain('  and 27 more');
});

test.each([20, 40, 80])('in %i columns many running steps share one line, whatever their names', async (columns) => {
  const screen = createScreen(columns, 24);
  const progress = createProgress({ isTTY: true, columns: () => columns, write: screen.write }, () => 0);
  const ends: (() => void)[] = [];
  const steps = Array.from({ length: 12 }, (_, index) =>
    progress.step(`node-${index}: container images`, () => new Promise<void>((resolve) => ends.push(resolve))),
  );
  progress.note('words');
  for (const end of ends) end();
  await Promise.all(steps);
  expect(screen.lines()).toEqual(['words', '']);
  expect([screen.wraps(), screen.unknown()]).toEqual([0, []]);
});

test('a screen counts what a display must not do', () => {
  const screen = createScreen(10, 3);
  screen.write('0123456789x\n\x1b[9A\x1b[31m');
  expect([screen.wraps(), screen.lost(), screen.unknown()]).toEqual([1, 1, ['"\\u001b[31m"']]);
});
