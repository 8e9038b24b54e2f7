import type { ServedEdge } from '../../components/compile/edges/verdict.ts';
import type { RawRequest } from './raw-client.ts';

/** One sentence of the contract as data: a request on the route tables of a world, and what must come of it. */
export interface Vector {
  /** Unique; `V..` and `R..` are rows of the collected facts, `C..` sentences of the contract. */
  readonly id: string;
  readonly says: string;
  readonly request: RawRequest;
  readonly expect: Expected;
  /** Where an edge's row of the capability table says `differs`. */
  readonly differs?: Partial<Readonly<Record<ServedEdge, { readonly capability: string; readonly expect: Expected }>>>;
}

export interface Expected {
  /** One of these. */
  readonly status: number | readonly number[];
  /** The app that answered; null: none was called. */
  readonly service?: string | null;
  /** The request target it saw. */
  readonly target?: string;
  readonly method?: string;
  readonly host?: string;
  readonly bodyLength?: number;
  /** Headers it saw: exactly this value once, or null for none. */
  readonly upstream?: Readonly<Record<string, string | null>>;
  /** Headers of the answer: exactly this value once, or null for none. */
  readonly response?: Readonly<Record<string, string | null>>;
  /** What the auth app was asked, seen in its own record. */
  readonly certificate?: string;
}

/** What an edge answers otherwise, by id of the vector, and the row of the capability table that says so. */
export type Exceptions = Readonly<Record<string, NonNullable<NonNullable<Vector['differs']>[ServedEdge]>>>;
