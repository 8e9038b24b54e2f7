/** The way to a value: field names and list positions. */
export type Path = readonly (string | number)[];

/** A path as its author would write it: `routes[0].paths[1].prefix`, `files["/etc/x"].content`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, step) => text + formatStep(step, text === ''), '');
}

function formatStep(step: string | number, first: boolean): string {
  if (typeof step === 'number') return `[${step}]`;
  if (!/^[A-Za-z_$][A-Za-z0-9_$-]*$/.test(step)) return `[${JSON.stringify(step)}]`;
  return first ? step : `.${step}`;
}
