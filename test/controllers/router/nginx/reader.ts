/** A directive as read back from text. */
export interface ReadDirective {
  readonly name: string;
  readonly args: readonly string[];
  readonly block: readonly ReadDirective[] | null;
}

type Token = { readonly kind: 'word'; readonly text: string } | { readonly kind: ';' | '{' | '}' };

/** Tokens by the rules of nginx's own reader: white space, `;`, `{` and `}` end a word, unless it is quoted. */
function* tokens(text: string): Generator<Token> {
  const pattern =
    /\s+|#[^\n]*|"((?:[^"\\]|\\[\s\S])*)"|'((?:[^'\\]|\\[\s\S])*)'|([;{}])|((?:\\[\s\S]|\$\{|[^\s;{}])+)/gy;
  for (const [, double, single, sign, plain] of text.matchAll(pattern)) {
    if (sign !== undefined) yield { kind: sign as ';' | '{' | '}' };
    const word = double ?? single ?? plain;
    if (word !== undefined) yield { kind: 'word', text: word.replace(/\\(["'\\])/g, '$1') };
  }
}

/** Reads a configuration without knowing a single directive. @throws when it is none. */
export function readConfiguration(text: string): readonly ReadDirective[] {
  const stack: { readonly words: readonly string[]; readonly inside: ReadDirective[] }[] = [{ words: [], inside: [] }];
  let words: string[] = [];
  const top = () => stack.at(-1) ?? fail('no block is open');
  for (const token of tokens(text)) {
    if (token.kind === 'word') words.push(token.text);
    else if (token.kind === ';') {
      top().inside.push(directiveOf(words, null));
      words = [];
    } else if (token.kind === '{') {
      stack.push({ words, inside: [] });
      words = [];
    } else {
      const done = stack.pop() ?? fail('a block ends that never began');
      if (words.length > 0) fail('a directive has no end');
      top().inside.push(directiveOf(done.words, done.inside));
    }
  }
  if (stack.length !== 1 || words.length > 0) fail('the text ends inside a block');
  return top().inside;
}

function directiveOf([name, ...args]: readonly string[], block: readonly ReadDirective[] | null): ReadDirective {
  return name === undefined ? fail('a directive has no name') : { name, args, block };
}

function fail(why: string): never {
  throw new Error(why);
}
