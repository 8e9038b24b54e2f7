import type { RouteMatch } from '../../plan.ts';

/** A Traefik rule as a tree, so that no text of an author is ever read as an operator. */
export type Rule =
  | { readonly kind: 'call'; readonly matcher: Matcher; readonly values: readonly string[] }
  | { readonly kind: 'not'; readonly rule: Rule }
  | { readonly kind: 'and' | 'or'; readonly rules: readonly [Rule, ...Rule[]] };

export type Matcher = 'Host' | 'Path' | 'PathPrefix' | 'PathRegexp' | 'Method' | 'Header' | 'HeaderRegexp';

export function call(matcher: Matcher, ...values: readonly string[]): Rule {
  return { kind: 'call', matcher, values };
}

export function not(rule: Rule): Rule {
  return { kind: 'not', rule };
}

export function and(...rules: readonly [Rule, ...Rule[]]): Rule {
  return { kind: 'and', rules };
}

export function or(...rules: readonly [Rule, ...Rule[]]): Rule {
  return { kind: 'or', rules };
}

/**
 * The text of a rule. Every operand of an operator stands in parentheses, so precedence plays no part, and every value is
 * a double-quoted Go literal: a backtick closes raw literals, and what follows it would be read as a rule.
 */
export function printRule(rule: Rule): string {
  switch (rule.kind) {
    case 'call':
      return `${rule.matcher}(${rule.values.map(goLiteral).join(', ')})`;
    case 'not':
      return `!${rule.rule.kind === 'call' ? printRule(rule.rule) : `(${printRule(rule.rule)})`}`;
    case 'and':
    case 'or':
      return rule.rules.length === 1
        ? printRule(rule.rules[0])
        : rule.rules.map((operand) => `(${printRule(operand)})`).join(rule.kind === 'and' ? ' && ' : ' || ');
    default:
      return rule satisfies never;
  }
}

/** Printable ASCII without quotes, backslashes and backticks. */
const standsAsItIs = /^[ !#-[\]-_a-~]*$/;

/** A Go interpreted string literal, ASCII only, that `strconv.Unquote` reads back as `text`. */
function goLiteral(text: string): string {
  if (standsAsItIs.test(text)) return `"${text}"`;
  const escaped = text.replace(/[^\x20-\x7e]|["\\`]/gu, (character) => {
    if (character === '"' || character === '\\') return `\\${character}`;
    const point = character.codePointAt(0) ?? 0xfffd;
    return point > 0xffff
      ? `\\U${point.toString(16).padStart(8, '0')}`
      : `\\u${(isLoneSurrogate(point) ? 0xfffd : point).toString(16).padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}

/** Go refuses half a surrogate pair in a literal; no valid text holds one. */
function isLoneSurrogate(point: number): boolean {
  return point >= 0xd800 && point <= 0xdfff;
}

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
