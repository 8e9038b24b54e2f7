/** ` Did you mean "auth"?`, or nothing when no candidate is near. Swapped neighbours count as one slip. */
export function didYouMean(found: string, candidates: Iterable<string>): string {
  const limit = found.length <= 3 ? 1 : 2;
  let best: { readonly name: string; readonly distance: number } | null = null;
  for (const name of candidates) {
    if (Math.abs(name.length - found.length) > limit) continue;
    const distance = editDistance(found, name);
    if (distance <= limit && (best === null || distance < best.distance)) best = { name, distance };
  }
  return best === null ? '' : ` Did you mean "${best.name}"?`;
}

/** Optimal string alignment distance: insertions, deletions, replacements and swaps of neighbours. */
function editDistance(left: string, right: string): number {
  let twoAgo: number[] = [];
  let before = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const cost = left[row - 1] === right[column - 1] ? 0 : 1;
      let least = Math.min((before[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (before[column - 1] ?? 0) + cost);
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1])
        least = Math.min(least, (twoAgo[column - 2] ?? 0) + 1);
      current.push(least);
    }
    twoAgo = before;
    before = current;
  }
  return before[right.length] ?? 0;
}

/** `one of "a", "b"`, shortened after eight. */
export function oneOf(names: Iterable<string>): string {
  const all = [...names].toSorted();
  if (all.length === 0) return 'none is known here';
  const shown = all.slice(0, 8).map((name) => `"${name}"`);
  return `one of ${shown.join(', ')}${all.length > 8 ? ` and ${all.length - 8} more` : ''}`;
}
