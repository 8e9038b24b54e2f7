/**
 * What Traefik asks the program beside it in the edge pod, written as the URL of a forward auth. The edge writes such
 * URLs, the program and the readers read them.
 */
export type SidecarQuestion = RedirectQuestion | AuthQuestion;

/** "Where is this request to go instead?" The answer is the redirect itself. */
export interface RedirectQuestion {
  readonly kind: 'redirect';
  readonly status: RedirectStatus;
  /** A whole URL, or the parts that change. */
  readonly to: string | null;
  readonly scheme: 'http' | 'https' | null;
  readonly host: string | null;
  readonly path: string | null;
  /** Port of the new address where the scheme changes; null: the scheme's own. */
  readonly port: number | null;
  /** Relative where a proxy in front may have spoken another scheme with the client than the edge was spoken to by. */
  readonly reference: 'absolute' | 'relative';
}

type RedirectStatus = 301 | 302 | 307 | 308;

/** "May this request pass?", to be asked of an auth service. */
export interface AuthQuestion {
  readonly kind: 'auth';
  readonly url: string;
  /** Milliseconds until no answer is a refusal. */
  readonly timeoutMs: number;
  /** The only headers that are copied from the answer. */
  readonly responseHeaders: readonly string[];
  readonly signIn: string | null;
}

/** Where the program listens: loopback of the edge pod. */
export const sidecarPort = 8082;

const origin = `http://127.0.0.1:${sidecarPort}`;

/** The URL of a question. */
export function sidecarUrl(question: SidecarQuestion): string {
  return `${origin}/${question.kind}?${new URLSearchParams(parameters(question))}`;
}

type Parameter = [name: string, value: string];

function parameters(question: SidecarQuestion): Parameter[] {
  if (question.kind === 'auth')
    return [
      ['url', question.url],
      ['timeout', String(question.timeoutMs)],
      ...question.responseHeaders.map((name): Parameter => ['header', name]),
      ...some('sign-in', question.signIn),
    ];
  const { status, to, scheme, host, path, port, reference } = question;
  return [
    ['status', String(status)],
    ...some('to', to),
    ...some('scheme', scheme),
    ...some('host', host),
    ...some('path', path),
    ...some('port', port),
    ...some('reference', reference === 'relative' ? reference : null),
  ];
}

function some(name: string, value: string | number | null): Parameter[] {
  return value === null ? [] : [[name, String(value)]];
}

/** The question of a URL, or of the request target it is asked by; null: it is none. */
export function readSidecarUrl(text: string): SidecarQuestion | null {
  const target = text.startsWith('/') ? text : text.startsWith(`${origin}/`) ? text.slice(origin.length) : null;
  if (target === null) return null;
  const [path, query = ''] = splitOnce(target, '?');
  const values = new URLSearchParams(query);
  if (path === '/auth') return readAuth(values);
  return path === '/redirect' ? readRedirect(values) : null;
}

function splitOnce(text: string, separator: string): readonly [string, string?] {
  const index = text.indexOf(separator);
  return index === -1 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

function readAuth(values: URLSearchParams): AuthQuestion | null {
  const [url, timeoutMs] = [values.get('url'), Number(values.get('timeout'))];
  if (url === null || !/^https?:\/\//.test(url) || !Number.isInteger(timeoutMs) || timeoutMs < 1) return null;
  return { kind: 'auth', url, timeoutMs, responseHeaders: values.getAll('header'), signIn: values.get('sign-in') };
}

const statuses: readonly number[] = [301, 302, 307, 308] satisfies readonly RedirectStatus[];

function readRedirect(values: URLSearchParams): RedirectQuestion | null {
  const [status, scheme, port] = [Number(values.get('status')), values.get('scheme'), values.get('port')];
  if (!statuses.includes(status)) return null;
  return {
    kind: 'redirect',
    status: status as RedirectStatus,
    to: values.get('to'),
    scheme: scheme === 'http' || scheme === 'https' ? scheme : null,
    host: values.get('host'),
    path: values.get('path'),
    port: port === null ? null : Number(port),
    reference: values.get('reference') === 'relative' ? 'relative' : 'absolute',
  };
}
