/**
 * Whether an expression of a redirect may match a URL. It is not run: another engine reads it elsewhere, and one could be
 * written to run for ever. What it must contain is looked for instead, so that a "no" is certain.
 */
export function mayMatch(expression: string, url: string): boolean {
  return requiredTexts(expression).every((text) => url.includes(text));
}

/** The texts that every match of an expression contains: what stands outside of groups, classes and repetitions. */
function requiredTexts(expression: string): readonly string[] {
  const flat = withoutGroups(expression);
  // An alternative at the top, or a flag for the case of letters, and nothing is required.
  if (flat.includes('|') || /\(\?[a-z]*i/.test(expression)) return [];
  const texts: string[] = [''];
  for (const [piece] of flat.matchAll(/(?:\\.|\[(?:\\.|[^\]\\])*\]|[\s\S])(?:[?*+]|\{[0-9,]*\})?\??/g)) {
    const literal = /^(?:\\([^A-Za-z0-9])|([^\\[\].?*+{}^$\uE000]))$/.exec(piece);
    const character = literal?.[1] ?? literal?.[2];
    if (character === undefined) texts.push('');
    else texts[texts.length - 1] += character;
  }
  return texts.filter((text) => text !== '');
}

/** The expression with a mark in place of each group. */
function withoutGroups(expression: string): string {
  let [flat, depth] = ['', 0];
  for (const [token] of expression.matchAll(/\\[\s\S]|[\s\S]/g)) {
    if (token === '(') depth += 1;
    if (depth === 0) flat += token;
    if (token === ')') {
      depth -= 1;
      if (depth === 0) flat += '\uE000';
    }
  }
  return flat;
}
