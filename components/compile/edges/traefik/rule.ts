import { and, call, not, or, type Rule } from '../../../dialects/traefik-rule.ts';
import type { RouteMatch } from '../../plan.ts';

export { and, call, type Matcher, not, or, printRule, type Rule } from '../../../dialects/traefik-rule.ts';

/** The path below which certificate solvers answer; nothing of ours may stand before them. */
export const acmePath = '/.well-known/acme-challenge/';

/**
 * The rule of one match. With `acme`, challenge requests are left to the certificate solver.
 * A wildcard host takes one label, which `Host` does since Traefik 3.7.
 */
export function ruleOf(match: RouteMatch, acme: boolean): Rule {
  const [first, ...rest] = [
    ...hostRules(match.host),
    pathRule(match.path),
    ...methodRules(match.methods),
    ...match.headers.map((header) => call('Header', header.name, header.value)),
    ...(acme && couldHideSolver(match.path) ? [not(call('PathPrefix', acmePath))] : []),
  ] as [Rule, ...Rule[]];
  return and(first, ...rest);
}

/** Every request for a host, but for challenges: what its 404 guard takes. */
export function hostRule(host: RouteMatch['host'], acme: boolean): Rule {
  return ruleOf({ host, path: { kind: 'prefix', path: '/' }, methods: [], headers: [] }, acme);
}

function hostRules(host: RouteMatch['host']): readonly Rule[] {
  switch (host.kind) {
    case 'exact':
      return [call('Host', host.name)];
    case 'wildcard':
      return [call('Host', `*.${host.suffix}`)];
    case 'any':
      return [];
    default:
      return host satisfies never;
  }
}

/** By whole segments: `/foo` takes `/foo` and `/foo/x`, never `/foobar`. */
function pathRule(path: RouteMatch['path']): Rule {
  if (path.kind === 'exact') return call('Path', path.path);
  if (path.path === '/') return call('PathPrefix', '/');
  return or(call('Path', path.path), call('PathPrefix', `${path.path}/`));
}

function methodRules(methods: readonly string[]): readonly Rule[] {
  const [first, ...rest] = methods.map((method) => call('Method', method));
  return first === undefined ? [] : [or(first, ...rest)];
}

/** Whether a route without challenge in its path would stand before the solver. */
function couldHideSolver(path: RouteMatch['path']): boolean {
  return (
    path.kind === 'prefix' && acmePath.startsWith(path.path === '/' ? '/' : `${path.path}/`) && !namesChallenge(path)
  );
}

/** Whether an author asks for challenges by name; such a route gets them, and asks nobody for them. */
export function namesChallenge(path: RouteMatch['path']): boolean {
  return `${path.path}/`.startsWith(acmePath);
}
