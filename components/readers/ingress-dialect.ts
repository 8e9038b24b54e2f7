import type { Path } from '../model/path.ts';
import type { Note } from './kube-object.ts';
import type { ReadRoute } from './read-route.ts';

/** One path of a rule, or the default backend, of an Ingress. */
export interface Claimed {
  readonly host: string;
  readonly path: Path;
  readonly backend: unknown;
  readonly text: string;
  readonly type: string;
  /** What no path of the host, or of the Ingress, takes. */
  readonly fallback: boolean;
}

/** What a dialect says of a path of an Ingress; everything else is the same whoever serves it. */
export type DialectPart = Pick<
  ReadRoute,
  | 'action'
  | 'allowFrom'
  | 'appRoot'
  | 'comparison'
  | 'cors'
  | 'dialect'
  | 'encodedSlash'
  | 'fit'
  | 'httpsRedirect'
  | 'httpsStatus'
  | 'priority'
  | 'protection'
  | 'redirectExpressions'
  | 'refusesOddPaths'
  | 'replacedPath'
  | 'rewrite'
  | 'schemes'
  | 'share'
  | 'tellsPrefix'
  | 'websocket'
> & { readonly path: ReadRoute['match']['path']; readonly notes: readonly Note[] };

/** How one controller reads an Ingress. */
export interface DialectRules {
  /** Hosts beside those of the rules. */
  readonly aliases: readonly string[];
  /** A default backend beside rules answers for the hosts of these rules only. */
  readonly fallbackPerHost: boolean;
  readonly partOf: (claimed: Claimed, tls: ReadRoute['tls']) => DialectPart;
}
