/** What an expression may hold to be tried here: one that could run for ever is not. */
const simple =
  /^(?:[A-Za-z0-9/_.~-]|\\[./-]|\[\^?[A-Za-z0-9_.\\/-]+\]|\((?:[A-Za-z0-9/_.~$|-]|\.\*|\.\+)*\)|[?*+]|\{[0-9]{1,3}(?:,[0-9]{0,3})?\}|[$|])*$/;

/** Of more of these in one expression the time it takes is no longer small. */
const mostRepetitions = 4;

/**
 * Whether an expression of ingress-nginx takes a path: from the start, without regard to case. One that is not tried is
 * compared by its fixed beginning, so that no request that it takes is missed.
 */
export function expressionTakes(text: string, path: string): boolean {
  const repetitions = text.match(/[*+]|\{[0-9]+,/g)?.length ?? 0;
  if (!simple.test(text) || repetitions > mostRepetitions || /[)\]*+?}][*+{]/.test(text.replaceAll(/\][*+{]/g, ''))) {
    const fixed = /^[A-Za-z0-9/._~-]*/.exec(text)?.[0] ?? '';
    return path.toLowerCase().startsWith(fixed.slice(0, fixed.lastIndexOf('/') + 1).toLowerCase());
  }
  return new RegExp(`^(?:${text})`, 'i').test(path);
}
