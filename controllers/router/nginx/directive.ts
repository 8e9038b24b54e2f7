/** One directive of nginx's configuration as a value. Only `printDirectives` makes text of it. */
export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  /** null: a simple directive. */
  readonly block: readonly Directive[] | null;
}

export function directive(name: string, ...args: readonly string[]): Directive {
  return { name, args, block: null };
}

export function block(name: string, args: readonly string[], inside: readonly Directive[]): Directive {
  return { name, args, block: inside };
}

/** `map`, `geo`: a block whose lines are pairs of a pattern and a value. */
export function table(name: string, args: readonly string[], pairs: readonly (readonly [string, string])[]): Directive {
  return block(
    name,
    args,
    pairs.map(([pattern, value]) => directive(pattern, value)),
  );
}

/**
 * The text of directives. Every argument is one token whatever it holds: it is quoted unless all its characters mean
 * nothing to nginx's reader. Each character is one byte of the file.
 * @throws on control characters and on characters above U+00FF, which no encoder lets through.
 */
export function printDirectives(directives: readonly Directive[]): string {
  return printAll(directives, '');
}

/** Grows one string: a list of a hundred thousand lines would cost more than all the rest. */
function printAll(directives: readonly Directive[], indent: string): string {
  let text = '';
  for (const { name, args, block: inside } of directives) {
    text += indent + token(name);
    for (const arg of args) text += ` ${token(arg)}`;
    text += inside === null ? ';\n' : ` {\n${printAll(inside, `${indent}  `)}${indent}}\n`;
  }
  return text;
}

const plain = /^[A-Za-z0-9_.:/$=~^*@,+%()!|-]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters it is about.
const forbidden = /[\u0000-\u001f\u007f]|[^\u0000-\u00ff]/;

function token(text: string): string {
  if (plain.test(text)) return text;
  if (forbidden.test(text)) throw new RangeError('a control or wide character reached the configuration');
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
