/** A Kubernetes object or a resource of a cloud, as written. */
export type Written =
  | Readonly<Record<string, unknown>>
  | { readonly resource: string; readonly name: string; readonly inputs: unknown };

/** What one rule says of a few objects. */
export interface Case {
  readonly rule: string;
  /** Environment, or Pulumi stack. @default staging */
  readonly stack?: string;
  readonly pass: readonly Written[];
  /** All faults are on its last object. */
  readonly fail: readonly Written[];
  /** What the fault says, in part. */
  readonly found: string;
}

/** A copy with one value replaced; `undefined` takes the field away. */
export function changed<T>(value: T, path: readonly (string | number)[], to: unknown): T {
  const copy = structuredClone(value);
  let holder = copy as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) {
    holder[step] ??= {};
    holder = holder[step] as Record<string | number, unknown>;
  }
  const last = path.at(-1)!;
  if (to === undefined) delete holder[last];
  else holder[last] = to;
  return copy;
}
