import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readObjects } from '../../../components/readers/read.ts';

test('what our own edge writes for production reads back without a note', () => {
  const golden = path.resolve(__dirname, '../../golden/production');
  const files = readdirSync(golden, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
  const objects = files.flatMap((file) =>
    [parseAllDocuments(readFileSync(path.join(golden, file), 'utf8'))].flat().map((document) => document.toJS()),
  );
  const reading = readObjects(objects.map((object) => ({ object })));
  expect(reading.routes.length).toBeGreaterThan(3);
  expect([...reading.notes, ...reading.routes.flatMap(({ notes }) => notes)]).toEqual([]);
});
