import type { Lost } from '../model/outcome.ts';
import { hostMatches } from '../model/request-host.ts';
import { expressionTakes } from './nginx-expression.ts';
import type { ReadRoute } from './read-route.ts';
import type { ReadPath } from './request-path.ts';

/** Whether the host of a route takes a host, as its edge compares them. */
export function hostTakes(
  { match, deepHost }: Pick<ReadRoute, 'deepHost'> & { readonly match: Pick<ReadRoute['match'], 'host'> },
  host: string,
): boolean {
  if (deepHost && match.host.kind === 'wildcard') return host.endsWith(`.${match.host.suffix}`);
  return hostMatches(match.host, host);
}

/** Whether the path of a route takes a path, as its edge compares them. */
export function pathTakes({ match, comparison }: Pick<ReadRoute, 'match' | 'comparison'>, path: string): boolean {
  switch (comparison.kind) {
    case 'characters':
      return path.startsWith(comparison.prefix);
    case 'expression':
      return expressionTakes(comparison.text, path);
    case 'contract': {
      if (match.path.kind === 'exact') return path === match.path.path;
      const prefix = match.path.path === '/' ? '' : match.path.path;
      return path === prefix || path.startsWith(`${prefix}/`);
    }
    default:
      return comparison satisfies never;
  }
}

/** Why the other conditions of a route keep a request from it; null: they all hold. */
export function conditionsHold(
  { match, queries }: Pick<ReadRoute, 'match' | 'queries'>,
  { request, query }: ReadPath,
): Lost['why'] | null {
  if (match.methods.length > 0 && !match.methods.includes(request.method)) return 'method differs';
  const headers = new Map(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]));
  if (!match.headers.every(({ name, value }) => headers.get(name.toLowerCase()) === value)) return 'headers differ';
  const asked = new URLSearchParams(query.slice(1));
  return queries.every(({ name, value }) => (value === null ? asked.has(name) : asked.get(name) === value))
    ? null
    : 'headers differ';
}
