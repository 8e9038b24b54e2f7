/** A rule of Traefik as its router reads it. */
export type Rule =
  | { readonly kind: 'call'; readonly matcher: string; readonly values: readonly string[] }
  | { readonly kind: 'not'; readonly rule: Rule }
  | { readonly kind: 'and' | 'or'; readonly rules: readonly Rule[] };

/** A rule, or where its text stops being one. */
export type RuleReading =
  | { readonly ok: true; readonly rule: Rule }
  | { readonly ok: false; readonly offset: number; readonly expected: string };

type Token =
  | { readonly kind: 'name' | 'text'; readonly value: string; readonly offset: number }
  | { readonly kind: '(' | ')' | ',' | '&&' | '||' | '!' | 'end' | 'wrong'; readonly offset: number };

/**
 * Reads the rule language: matchers, `!`, `&&`, `||` (which binds least), parentheses, values in backticks or as Go
 * strings. Total: a text that is no rule gives the place where it stops being one.
 */
export function readRule(text: string): RuleReading {
  const parser = new Parser(tokens(text));
  try {
    return { ok: true, rule: parser.whole() };
  } catch (error) {
    if (error instanceof Unexpected) return { ok: false, offset: error.offset, expected: error.expected };
    throw error;
  }
}

class Unexpected extends Error {
  constructor(
    readonly offset: number,
    readonly expected: string,
  ) {
    super(expected);
  }
}

const deepest = 100;

class Parser {
  #at = 0;
  #depth = 0;

  constructor(private readonly all: readonly Token[]) {}

  whole(): Rule {
    const rule = this.#operands('||');
    this.#take('end', '&&, || or the end');
    return rule;
  }

  #operands(operator: '&&' | '||'): Rule {
    const next = () => (operator === '||' ? this.#operands('&&') : this.#operand());
    const rules = [next()];
    while (this.#is(operator)) {
      this.#at += 1;
      rules.push(next());
    }
    const [only] = rules;
    return only !== undefined && rules.length === 1 ? only : { kind: operator === '||' ? 'or' : 'and', rules };
  }

  #operand(): Rule {
    this.#depth += 1;
    if (this.#depth > deepest) throw new Unexpected(this.#token().offset, `at most ${deepest} levels`);
    const rule = this.#inner();
    this.#depth -= 1;
    return rule;
  }

  #inner(): Rule {
    if (this.#is('!')) {
      this.#at += 1;
      return { kind: 'not', rule: this.#operand() };
    }
    if (this.#is('(')) {
      this.#at += 1;
      const rule = this.#operands('||');
      this.#take(')', ')');
      return rule;
    }
    return this.#call();
  }

  #call(): Rule {
    const matcher = this.#value('name', 'a matcher, as Host');
    this.#take('(', '(');
    const values: string[] = [];
    while (!this.#is(')')) {
      if (values.length > 0) this.#take(',', ', or )');
      values.push(this.#value('text', 'a value in backticks or double quotes'));
    }
    this.#at += 1;
    return { kind: 'call', matcher, values };
  }

  #token(): Token {
    return this.all[this.#at] ?? { kind: 'end', offset: 0 };
  }

  #is(kind: Token['kind']): boolean {
    return this.#token().kind === kind;
  }

  #take(kind: Token['kind'], expected: string): void {
    if (!this.#is(kind)) throw new Unexpected(this.#token().offset, expected);
    this.#at += 1;
  }

  #value(kind: 'name' | 'text', expected: string): string {
    const token = this.#token();
    if (token.kind !== kind) throw new Unexpected(token.offset, expected);
    this.#at += 1;
    return token.value;
  }
}

const lexeme = /\s+|(?<name>[A-Za-z]+)|`(?<raw>[^`]*)`|"(?<quoted>(?:[^"\\\n]|\\.)*)"|(?<sign>&&|\|\||[!(),])/y;

function tokens(text: string): readonly Token[] {
  const found: Token[] = [];
  let offset = 0;
  while (offset < text.length) {
    lexeme.lastIndex = offset;
    const match = lexeme.exec(text);
    if (match?.groups === undefined) return [...found, { kind: 'wrong', offset }];
    const token = tokenOf(match.groups, offset);
    if (token !== null) found.push(token);
    offset += match[0].length;
  }
  return [...found, { kind: 'end', offset }];
}

function tokenOf({ name, raw, quoted, sign }: Record<string, string | undefined>, offset: number): Token | null {
  if (name !== undefined) return { kind: 'name', value: name, offset };
  if (raw !== undefined) return { kind: 'text', value: raw, offset };
  if (sign !== undefined) return { kind: sign as '(', offset };
  if (quoted === undefined) return null;
  const value = unquoted(quoted);
  return value === null ? { kind: 'wrong', offset } : { kind: 'text', value, offset };
}

const controls: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** The text of a Go interpreted string literal (`strconv.Unquote`); null for an escape that Go does not know. */
function unquoted(body: string): string | null {
  let wrong = false;
  const escapes = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([abfnrtv])|(["\\])|(.?))/g;
  const text = body.replace(escapes, (_, x, u, long, octal, control, itself) => {
    const hex: string | undefined = x ?? u ?? long;
    const point = hex !== undefined ? Number.parseInt(hex, 16) : octal !== undefined ? Number.parseInt(octal, 8) : null;
    if (point !== null && point <= 0x10ffff) return String.fromCodePoint(point);
    const plain: string | undefined = itself ?? controls[control];
    wrong ||= plain === undefined;
    return plain ?? '';
  });
  return wrong ? null : text;
}
