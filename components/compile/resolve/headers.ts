import type { HeaderValue } from '../plan.ts';

/** Headers as a list sorted by name, spelled as the author did. */
export function headerValues(headers: Readonly<Record<string, string>> | undefined): readonly HeaderValue[] {
  if (headers === undefined) return [];
  return Object.entries(headers)
    .map(([name, value]) => ({ name, value }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
