import {
  authHeaderName,
  cidr,
  durationMs,
  headerName,
  httpUrl,
  objectName,
  removableHeaderName,
  urlPath,
} from '../../model/schema/leaf.ts';

/** How one value stands in an annotation. `read` gives undefined for a text that is none. */
export interface TextCodec<T> {
  // As methods, which TypeScript compares both ways: tables of codecs of several types are read as one.
  print(value: T): string;
  read(text: string): T | undefined;
  /** What a text must be, for people. */
  readonly expected: string;
}

interface Grammar {
  readonly safeParse: (text: unknown) => { readonly success: boolean };
}

/** A text that a leaf of the model takes, as it stands. */
function leaf(grammar: Grammar, expected: string): TextCodec<string> {
  return { print: (value) => value, read: (text) => (grammar.safeParse(text).success ? text : undefined), expected };
}

export const url = leaf(httpUrl, 'an absolute http or https URL without user name, fragment, quotes or spaces');
export const path = leaf(urlPath, 'an absolute path without escapes, dot segments, empty segments or query');
export const secretName = leaf(objectName, 'the name of a Secret in the namespace of the Ingress');

export const realm: TextCodec<string> = {
  print: (value) => value,
  read: (text) => (/^[A-Za-z0-9 ._-]{1,64}$/.test(text) ? text : undefined),
  expected: 'at most 64 letters, digits, spaces and ._-',
};

export const cookieName: TextCodec<string> = {
  print: (value) => value,
  read: (text) => (/^[A-Za-z0-9_-]{1,64}$/.test(text) ? text : undefined),
  expected: 'at most 64 letters, digits, _ and -',
};

export const flag: TextCodec<boolean> = {
  print: String,
  read: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
  expected: '"true" or "false"',
};

export const onOff: TextCodec<boolean> = {
  print: (value) => (value ? 'on' : 'off'),
  read: (text) => (text === 'on' ? true : text === 'off' ? false : undefined),
  expected: '"on" or "off"',
};

/** The bounds of a whole number are those of what nginx and the model both take. */
export function whole(min: number, max: number): TextCodec<number> {
  return {
    print: String,
    read: (text) => (/^(0|[1-9][0-9]{0,9})$/.test(text) && inside(Number(text), min, max) ? Number(text) : undefined),
    expected: `a whole number from ${min} to ${max}`,
  };
}

function inside(value: number, min: number, max: number): boolean {
  return value >= min && value <= max;
}

/** Milliseconds in whole seconds, rounded up: the unit of nginx's own annotations. */
export const seconds: TextCodec<number> = {
  print: (ms) => String(Math.ceil(ms / 1000)),
  read: (text) => {
    const value = whole(1, 86_400).read(text);
    return value === undefined ? undefined : value * 1000;
  },
  expected: 'whole seconds from 1 to 86400, without unit',
};

/** Milliseconds with a unit, as the model writes times. */
export const time: TextCodec<number> = {
  print: (ms) => `${ms}ms`,
  read: (text) =>
    /^[1-9][0-9]{0,7}(ms|s|m|h)$/.test(text) && durationMs(text) <= 86_400_000 ? durationMs(text) : undefined,
  expected: 'a time with its unit, as 500ms or 30s, of at most 24h',
};

const sizeUnit = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 } as const;

/** Bytes; 0 is no limit, which is null here. */
export const bodySize: TextCodec<number | null> = {
  print: (bytes) => String(bytes ?? 0),
  read: (text) => {
    const found = /^(0|[1-9][0-9]{0,15})([kmg]?)$/.exec(text.toLowerCase());
    if (found === null) return undefined;
    const bytes = Number(found[1]) * sizeUnit[found[2] as keyof typeof sizeUnit];
    return bytes === 0 ? null : Number.isSafeInteger(bytes) ? bytes : undefined;
  },
  expected: 'a size in bytes, or with k, m or g; 0 for none',
};

/** One of these words. */
export function word<const T extends string>(...words: readonly T[]): TextCodec<T> {
  return {
    print: (value) => value,
    read: (text) => words.find((known) => known === text),
    expected: `one of ${words.map((known) => `"${known}"`).join(', ')}`,
  };
}

/** Several of what `item` takes, with commas between. */
function list(item: TextCodec<string>): TextCodec<readonly string[]> {
  return {
    print: (values) => values.map(item.print).join(','),
    read: (text) => {
      const parts = text.split(',').map((part) => part.trim());
      return parts.every((part) => item.read(part) !== undefined) ? parts : undefined;
    },
    expected: `${item.expected}, several with commas between`,
  };
}

const address: TextCodec<string> = {
  print: (value) => value,
  read: (text) =>
    cidr.safeParse(text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`).success ? text : undefined,
  expected: 'an address or an address range as 10.0.0.0/8',
};

export const headerNames = list(leaf(headerName, 'a header name of letters, digits and dashes'));
/** Names that an authentication service may vouch for: never framing, the connection, the host, or what the edge tells. */
export const vouchedNames = list(
  leaf(authHeaderName, 'a header name that is neither framing, hop-by-hop, Host nor a forwarding header of the edge'),
);
/** Names that a route may take off the request. */
export const removedNames = list(
  leaf(removableHeaderName, 'a header name that is neither framing, hop-by-hop nor Host'),
);
export const addresses = list(address);
export const methods = list(word<string>('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'));

export const origins = list({
  print: (value) => value,
  read: (text) => (/^(\*|https?:\/\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9][0-9]{0,4})?)$/.test(text) ? text : undefined),
  expected: 'an origin as https://app.example.org, or *',
});
