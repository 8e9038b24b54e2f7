/** How the values of environment variables are read. Each function gives `undefined` for a text that is no such value. */
import { isLabelSelector, isQualifiedName } from './label-selector.ts';

/** An object of a namespace. */
export interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

const objectNamePattern = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/;

/** `SECRET:FIELD`, or null. Stricter than the original, which takes empty parts and then protects nothing. */
export function readSecretLocation(text: string): { readonly name: string; readonly key: string } | null {
  const [name = '', key = '', ...rest] = text.split(':');
  const isLocation = rest.length === 0 && objectNamePattern.test(name) && /^[-._a-zA-Z0-9]{1,253}$/.test(key);
  return isLocation ? { name, key } : null;
}

/** The key of an annotation; as the original, letters of the part before the slash may be upper case. */
export function annotationName(text: string): string | undefined {
  return isQualifiedName(text.toLowerCase()) ? text : undefined;
}

/** A label selector, as it stands. */
export function labelSelector(text: string): string | undefined {
  return isLabelSelector(text) ? text : undefined;
}

/** What an IngressClass may name as its controller: a domain and a path. */
export function controllerName(text: string): string | undefined {
  return text.includes('/') && text.length <= 250 && /^[a-z0-9.-]+(?:\/[A-Za-z0-9._~-]+)+$/.test(text)
    ? text
    : undefined;
}

/** A field name of RFC 9110. */
export function readHeader(text: string): string | undefined {
  return text.length <= 128 && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text) ? text : undefined;
}

/** A port in decimal, 1 to 65535; a sign and leading zeros are taken, as the original takes them. */
export function readPort(text: string): number | undefined {
  const port = /^\+?[0-9]{1,20}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/** A number of bytes, or with k, m or g as nginx counts them (1024). */
export function readSize(text: string): number | undefined {
  const [, digits, unit] = /^([0-9]{1,12})([kKmMgG]?)$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const bytes = Number(digits) * 1024 ** ['', 'k', 'm', 'g'].indexOf((unit ?? '').toLowerCase());
  return bytes <= 2 ** 50 ? bytes : undefined;
}

/** Address ranges (CIDR), with spaces or commas between. */
export function readRanges(text: string): readonly string[] | undefined {
  const ranges = text.split(/[ ,]+/).filter((range) => range !== '');
  return ranges.every(isRange) ? ranges : undefined;
}

function isRange(text: string): boolean {
  const [address = '', length, ...rest] = text.split('/');
  const bits = /^[0-9.]+$/.test(address) ? 32 : 128;
  const known =
    bits === 32 ? isIpv4(address) : /^[0-9A-Fa-f:.]+$/.test(address) && URL.canParse(`http://[${address}]/`);
  return known && rest.length === 0 && length !== undefined && /^[0-9]{1,3}$/.test(length) && Number(length) <= bits;
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255);
}

/** `NAMESPACE/NAME`. */
export function readObjectName(text: string): ObjectName | undefined {
  const [namespace = '', name = '', ...rest] = text.split('/');
  const isName = rest.length === 0 && /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace);
  return isName && objectNamePattern.test(name) ? { namespace, name } : undefined;
}

/** Reads one of the known words. */
export function oneOf<const T extends string>(...known: readonly T[]): (text: string) => T | undefined {
  return (text) => known.find((word) => word === text);
}

/** `none` says that there is none. */
export function optional<T>(parse: (text: string) => T | undefined): (text: string) => T | null | undefined {
  return (text) => (text === 'none' ? null : parse(text));
}

/** `true` or `false`. */
export function flag(text: string): boolean | undefined {
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

/** Milliseconds of a time with its unit, as 500ms, 30s or 5m, of at most an hour. */
export function time(text: string): number | undefined {
  const unit: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };
  const [, amount, name = ''] = /^([0-9]{1,7})(ms|s|m)$/.exec(text) ?? [];
  const ms = amount === undefined ? Number.NaN : Number(amount) * (unit[name] ?? Number.NaN);
  return ms <= 3_600_000 ? ms : undefined;
}

/** 1 to 64. */
export function readWorkers(text: string): number | undefined {
  return /^[1-9][0-9]?$/.test(text) && Number(text) <= 64 ? Number(text) : undefined;
}
