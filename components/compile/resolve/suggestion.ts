import { nearest } from '../../model/form.ts';

/** ` Did you mean "auth"?`, or nothing when no candidate is near. */
export function didYouMean(found: string, candidates: Iterable<string>): string {
  const name = nearest(found, [...candidates], found.length <= 3 ? 1 : 2);
  return name === undefined ? '' : ` Did you mean "${name}"?`;
}

/** `one of "a", "b"`, shortened after eight. */
export function oneOf(names: Iterable<string>): string {
  const all = [...names].toSorted();
  if (all.length === 0) return 'none is known here';
  const shown = all.slice(0, 8).map((name) => `"${name}"`);
  return `one of ${shown.join(', ')}${all.length > 8 ? ` and ${all.length - 8} more` : ''}`;
}
