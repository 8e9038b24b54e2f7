const name = '[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';
const prefix = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*';
const key = `(?:(?=[^/]{1,253}/)${prefix}/)?${name}`;
const value = `(?:${name})?`;
const values = `\\(\\s*${value}(?:\\s*,\\s*${value})*\\s*\\)`;
const requirement = [
  `!\\s*${key}`,
  `${key}\\s*(?:==|=|!=)\\s*${value}`,
  `${key}\\s+(?:in|notin)\\s*${values}`,
  `${key}\\s*[<>]\\s*-?[0-9]{1,18}`,
  key,
].join('|');

const qualifiedNamePattern = new RegExp(`^${key}$`);
const requirementPattern = new RegExp(`^\\s*(?:${requirement})\\s*$`);

/** Whether a text is the key of a label or annotation: a name, or a DNS name, a slash and a name. */
export function isQualifiedName(text: string): boolean {
  return qualifiedNamePattern.test(text);
}

/** Whether a text is a label selector as the API server reads it: requirements separated by commas, all of which hold. */
export function isLabelSelector(text: string): boolean {
  return requirements(text).every((part) => requirementPattern.test(part));
}

/** Splits at the commas outside parentheses. */
function requirements(text: string): readonly string[] {
  return text.split(/,(?![^(]*\))/);
}
