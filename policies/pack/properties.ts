import { UnknownValue } from '../judge/unknown-value.ts';
import type { Path } from '../rules/fields.ts';

/**
 * The properties of a resource without the SDK's proxy, copied as far as they are looked at. That proxy throws at a
 * value that a preview does not know, and the SDK then takes the whole policy back to `advisory`: a mandatory rule
 * would pass by an unknown neighbour. Here reading such a value throws `UnknownValue`, which rules are stopped by one
 * at a time; its name and its neighbours can be read.
 */
export function readProperties(given: unknown, urn: string, path: Path = []): unknown {
  if (typeof given !== 'object' || given === null) return given;
  const copy: object = Array.isArray(given) ? new Array(given.length) : {};
  for (const key of Object.keys(given)) {
    const step = Array.isArray(given) ? Number(key) : key;
    let read: { readonly value: unknown } | null = null;
    Object.defineProperty(copy, key, {
      enumerable: true,
      get() {
        read ??= { value: readField(given, key, urn, [...path, step]) };
        return read.value;
      },
    });
  }
  return copy;
}

function readField(holder: object, key: string, urn: string, path: Path): unknown {
  try {
    return readProperties(Reflect.get(holder, key), urn, path);
  } catch (error) {
    if (isUnknownValue(error)) throw new UnknownValue(urn, path);
    throw error;
  }
}

/** The SDK does not export its error; it alone has this field. */
function isUnknownValue(error: unknown): boolean {
  return error instanceof Error && 'unknownTypeSentinel' in error;
}

/** The first value that is not known yet; undefined where all are. Looks at everything. */
export function firstUnknown(properties: unknown): Path | undefined {
  if (typeof properties !== 'object' || properties === null) return undefined;
  for (const key of Object.keys(properties)) {
    try {
      const below = firstUnknown(Reflect.get(properties, key));
      if (below !== undefined) return below;
    } catch (error) {
      if (error instanceof UnknownValue) return error.path;
      throw error;
    }
  }
  return undefined;
}
