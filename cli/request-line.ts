import type { EdgeRequest } from '../components/model/outcome.ts';
import { usageError } from './io.ts';

/**
 * A request from words of the command line. Path and query stay byte for byte as written: what an edge makes of
 * `/a/../b` or `%2F` is what is asked about.
 *
 * @throws {ExitError} for what is no method, no absolute http(s) URL, or no `Name: value`
 */
export function readRequest(method: string, url: string, headers: readonly string[]): EdgeRequest {
  if (!/^[A-Za-z]+$/.test(method)) throw usageError(`${JSON.stringify(method)} is no HTTP method, as GET`);
  const parts = /^(https?):\/\/([^/?#]+)([^#]*)(?:#.*)?$/i.exec(url);
  if (parts === null) {
    throw usageError(`${JSON.stringify(url)} is no absolute URL, as https://shop.example.org/cart`);
  }
  const [, scheme = '', host = '', rest = ''] = parts;
  return {
    scheme: scheme.toLowerCase() === 'https' ? 'https' : 'http',
    host,
    method: method.toUpperCase(),
    target: rest.startsWith('/') ? rest : `/${rest}`,
    headers: Object.fromEntries(headers.map(readHeader)),
  };
}

function readHeader(text: string): readonly [string, string] {
  const parts = /^([A-Za-z0-9!#$%&'*+.^_`|~-]+):\s*(.*)$/.exec(text);
  if (parts === null) throw usageError(`${JSON.stringify(text)} is no header, as "X-Team: shop"`);
  return [parts[1] ?? '', (parts[2] ?? '').trimEnd()];
}
