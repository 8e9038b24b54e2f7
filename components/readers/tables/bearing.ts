/**
 * What a field of somebody else's object has to do with the two questions a reader answers: who may pass, and where a
 * request goes. Every name that a dialect has stands in a table with one of these; a name that stands in none is a doubt.
 */
export type Bearing =
  /** The reading holds what it means. */
  | { readonly kind: 'read' }
  /** It changes neither answer. */
  | { readonly kind: 'harmless' }
  /** It may change an answer in a way that no reader works out: nobody can be called protected beside it. */
  | { readonly kind: 'doubt'; readonly why: string };

export const read: Bearing = { kind: 'read' };
export const harmless: Bearing = { kind: 'harmless' };

export function doubt(why: string): Bearing {
  return { kind: 'doubt', why };
}

/** The bearing of a name in a table; a name that nobody decided about is a doubt. */
export function bearingOf(table: Readonly<Record<string, Bearing>>, name: string): Bearing {
  return (Object.hasOwn(table, name) ? table[name] : undefined) ?? doubt('this reader does not know it');
}
