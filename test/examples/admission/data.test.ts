import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const folder = 'examples/admission/rbackend';
const kept = readFileSync(`${folder}/admissions.csv`, 'utf8');
const rows = kept
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => line.split(','))
  .map(([admit, gre, gpa, rank]) => ({ admit: Number(admit), gre: Number(gre), gpa: Number(gpa), rank: `${rank}` }));

test('the data that is kept is what the script writes', () => {
  expect(execFileSync('python3', [`${folder}/make-data.py`], { encoding: 'utf8' })).toBe(kept);
});

test('every applicant is one that the services would take', () => {
  expect(rows).toHaveLength(400);
  const outside = rows.filter(
    ({ admit, gre, gpa, rank }) =>
      ![0, 1].includes(admit) || !(gre >= 0 && gre <= 800) || !(gpa >= 0 && gpa <= 4) || !/^[1-4]$/.test(rank),
  );
  expect(outside).toEqual([]);
});

test('all ranks occur, and one is the most frequent', () => {
  const counts = ['1', '2', '3', '4'].map((rank) => rows.filter((row) => row.rank === rank).length);
  expect(Math.min(...counts)).toBeGreaterThan(0);
  expect(counts.filter((count) => count === Math.max(...counts))).toHaveLength(1);
});
