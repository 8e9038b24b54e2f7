import type { Path } from '../model/path.ts';
import { type FoundObject, listAt, type Note, namesAt, noteAt } from './kube-object.ts';
import { type Bearing, bearingOf } from './tables/bearing.ts';

type Table = Readonly<Record<string, Bearing>>;

/** A doubt for each field at a path of an object that its table does not have, or calls a doubt. */
export function fieldDoubts(object: FoundObject, path: Path, table: Table): readonly Note[] {
  return namesAt(object.body, ...path).flatMap((name) => doubtAbout(object, [...path, name], name, table));
}

/** The same for each entry of the list at a path. */
export function entryDoubts(object: FoundObject, path: Path, table: Table): readonly Note[] {
  return listAt(object.body, ...path).flatMap((_, index) => fieldDoubts(object, [...path, index], table));
}

function doubtAbout(object: FoundObject, path: Path, name: string, table: Table): readonly Note[] {
  const bearing = bearingOf(table, name);
  if (bearing.kind !== 'doubt') return [];
  const text = {
    code: 'unknown-field',
    found: `the field ${name}: ${bearing.why}`,
    expected: 'fields that this reader understands',
    fix: 'Find out by hand what it does to this route.',
  };
  return [noteAt(object, path, text, 'doubt')];
}
