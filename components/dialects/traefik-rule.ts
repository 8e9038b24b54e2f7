/** A Traefik rule as a tree, so that no text of an author is ever read as an operator. */
export type Rule =
  | { readonly kind: 'call'; readonly matcher: Matcher; readonly values: readonly string[] }
  | { readonly kind: 'not'; readonly rule: Rule }
  | { readonly kind: 'and' | 'or'; readonly rules: readonly [Rule, ...Rule[]] };

/** What Traefik 3 matches a request by. */
export type Matcher =
  | 'Host'
  | 'HostRegexp'
  | 'Path'
  | 'PathPrefix'
  | 'PathRegexp'
  | 'Method'
  | 'Header'
  | 'HeaderRegexp'
  | 'Query';

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
