import { and, call, type Matcher, or, type Rule } from './traefik-rule.ts';

/** A rule of Traefik 1 in the words of Traefik 3, or what in it cannot be said there. */
export type V1RuleReading =
  | {
      readonly ok: true;
      readonly rule: Rule;
      /** Prefixes that the rule's matchers took off the path before the backend saw it. */
      readonly strip: readonly string[];
    }
  | { readonly ok: false; readonly found: string; readonly expected: string };

class Unsayable extends Error {
  constructor(
    readonly found: string,
    readonly expected: string,
  ) {
    super(found);
  }
}

interface Clause {
  readonly rule: Rule;
  readonly strip: readonly string[];
}

/**
 * Reads `Matcher:value,value;Matcher:value`: commas are alternatives, semicolons must all hold. Total.
 *
 * One thing is narrower than it was: a prefix that is stripped is taken by whole segments, so that `/public../admin`
 * cannot be cut down to `/admin`.
 */
export function translateV1Rule(text: string): V1RuleReading {
  try {
    const [first, ...rest] = text
      .split(';')
      .filter((clause) => clause.trim() !== '')
      .map(readClause);
    if (first === undefined) throw new Unsayable('an empty rule', 'a matcher, as Host:db.internal.example.org');
    return {
      ok: true,
      rule: and(first.rule, ...rest.map(({ rule }) => rule)),
      strip: [first, ...rest].flatMap(({ strip }) => strip),
    };
  } catch (error) {
    if (error instanceof Unsayable) return { ok: false, found: error.found, expected: error.expected };
    throw error;
  }
}

function readClause(text: string): Clause {
  const colon = text.indexOf(':');
  const name = (colon < 0 ? text : text.slice(0, colon)).trim();
  const values = colon < 0 ? [] : splitValues(text.slice(colon + 1));
  const translate = Object.hasOwn(clauses, name) ? clauses[name] : undefined;
  if (translate === undefined) {
    throw new Unsayable(`the matcher ${JSON.stringify(name)}`, `one of ${Object.keys(clauses).join(', ')}`);
  }
  const [first, ...rest] = values;
  if (first === undefined) throw new Unsayable(`${name} without a value`, `${name}:value`);
  return translate([first, ...rest]);
}

/** At commas outside of braces: `{id:[0-9]{1,3}}` is one value. */
function splitValues(text: string): readonly string[] {
  const values: string[] = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '{') depth += 1;
    if (character === '}') depth -= 1;
    if (character === ',' && depth <= 0) values.push('');
    else values.push((values.pop() ?? '') + character);
  }
  return values.map((value) => value.trim()).filter((value) => value !== '');
}

type Values = readonly [string, ...string[]];

const any = ([first, ...rest]: Values, rule: (value: string) => Rule): Rule => or(rule(first), ...rest.map(rule));

const clauses: Readonly<Record<string, (values: Values) => Clause>> = {
  Host: (values) => plain(any(values, (host) => call('Host', hostName(host)))),
  HostRegexp: (values) => plain(any(values, hostTemplate)),
  Path: (values) => plain(any(values, (path) => pathTemplate(path, 'Path'))),
  PathPrefix: (values) => plain(any(values, (path) => pathTemplate(path, 'PathPrefix'))),
  PathStrip: (values) => ({ rule: any(values, (path) => call('Path', plainPath(path))), strip: values }),
  PathPrefixStrip: (values) => ({ rule: any(values, wholeSegments), strip: values.map(withoutSlash) }),
  Method: (values) => plain(any(values, (method) => call('Method', methodName(method)))),
  Headers: (values) => plain(headerPair('Header', values)),
  HeadersRegexp: (values) => plain(headerPair('HeaderRegexp', values)),
};

const plain = (rule: Rule): Clause => ({ rule, strip: [] });

/** Traefik 3 reads `*.` as a wildcard, which its first version did not. */
function hostName(text: string): string {
  const host = text.toLowerCase();
  if (!/^[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9_])?$/.test(host)) {
    throw new Unsayable(`the host ${JSON.stringify(text)}`, 'a host name, as db.internal.example.org');
  }
  return host;
}

function methodName(text: string): string {
  if (!/^[A-Za-z]{1,20}$/.test(text)) throw new Unsayable(`the method ${JSON.stringify(text)}`, 'a method, as GET');
  return text.toUpperCase();
}

function plainPath(text: string): string {
  if (!/^\/[!-z|~]*$/.test(text)) {
    throw new Unsayable(`the path ${JSON.stringify(text)}`, 'a path that begins with /, without {name:expression}');
  }
  return text;
}

const withoutSlash = (path: string) => (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path);

function wholeSegments(text: string): Rule {
  const path = withoutSlash(plainPath(text));
  return path === '/' ? call('PathPrefix', '/') : or(call('Path', path), call('PathPrefix', `${path}/`));
}

/** `{name:expression}` and `{name}` become groups of one regular expression; everything else stands for itself. */
function pathTemplate(text: string, matcher: 'Path' | 'PathPrefix'): Rule {
  if (!text.includes('{')) return call(matcher, plainPath(text));
  if (!text.startsWith('/')) throw new Unsayable(`the path ${JSON.stringify(text)}`, 'a path that begins with /');
  return call('PathRegexp', `^${expressionOf(text, '[^/]+')}${matcher === 'Path' ? '$' : ''}`);
}

function hostTemplate(text: string): Rule {
  if (!text.includes('{')) return call('Host', hostName(text));
  return call('HostRegexp', `^${expressionOf(text, '[^.]+')}$`);
}

function expressionOf(template: string, unnamed: string): string {
  const parts: string[] = [];
  let rest = template;
  while (rest !== '') {
    const open = rest.indexOf('{');
    const literal = open < 0 ? rest : rest.slice(0, open);
    if (literal.includes('}')) throw unbalanced(template);
    parts.push(literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    if (open < 0) break;
    const close = closing(rest, open);
    if (close < 0) throw unbalanced(template);
    const group = rest.slice(open + 1, close);
    const colon = group.indexOf(':');
    parts.push(`(?:${colon < 0 ? unnamed : group.slice(colon + 1)})`);
    rest = rest.slice(close + 1);
  }
  return parts.join('');
}

const unbalanced = (template: string) =>
  new Unsayable(JSON.stringify(template), 'a closing brace for each opening one');

function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === '{') depth += 1;
    if (text[at] === '}') depth -= 1;
    if (depth === 0) return at;
  }
  return -1;
}

function headerPair(matcher: Extract<Matcher, 'Header' | 'HeaderRegexp'>, values: Values): Rule {
  const [name, value, ...more] = values;
  if (value === undefined || more.length > 0 || !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
    throw new Unsayable(JSON.stringify(values.join(',')), 'the name of a header, a comma and its value');
  }
  return call(matcher, name, value);
}
