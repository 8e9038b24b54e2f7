import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** A request as bytes: nothing in it is cleaned, completed or refused on the way out. */
export interface RawRequest {
  readonly scheme?: 'http' | 'https';
  /** @default GET */
  readonly method?: string;
  /** The request target as it stands on the line. */
  readonly target: string;
  /** The Host field; null: none is sent. */
  readonly host: string | null;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
  /** Replaces everything above: the bytes themselves. */
  readonly bytes?: string;
  /** The name asked for by TLS. Default: the host. */
  readonly serverName?: string;
  /** Where to connect from; the machine's own address decides otherwise. */
  readonly localAddress?: string;
}

export interface Answer {
  /** 0: the connection ended without an answer. */
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  /** Milliseconds from the last byte sent to the first byte of the body. */
  readonly firstBodyByteMs: number;
  /** Names of the certificate that was shown. */
  readonly certificateNames: string;
}

export interface Door {
  readonly address: string;
  readonly http: number;
  readonly https: number;
}

/** The bytes of a request. `Connection: close` unless the request says otherwise. */
export function requestBytes(request: RawRequest): string {
  if (request.bytes !== undefined) return request.bytes;
  const headers = request.headers ?? [];
  const has = (name: string) => headers.some(([own]) => own.toLowerCase() === name);
  const lines = [
    `${request.method ?? 'GET'} ${request.target} HTTP/1.1`,
    ...(request.host === null ? [] : [`Host: ${request.host}`]),
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(has('connection') ? [] : ['Connection: close']),
    ...(request.body === undefined || has('transfer-encoding') || has('content-length')
      ? []
      : [`Content-Length: ${Buffer.byteLength(request.body)}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${request.body ?? ''}`;
}

/** Opens a connection to the door the request asks for. */
export function openConnection(door: Door, request: RawRequest): Socket {
  const local = request.localAddress === undefined ? {} : { localAddress: request.localAddress };
  if (request.scheme !== 'https') return connectPlain({ host: door.address, port: door.http, ...local });
  const servername = request.serverName ?? (request.host ?? '').replace(/:.*$/, '').toLowerCase();
  return connectTls({
    host: door.address,
    port: door.https,
    servername,
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
    ...local,
  });
}

/** Sends a request and reads one whole answer. Never throws: no answer within `withinMs` is status 0. */
export function send(door: Door, request: RawRequest, withinMs = 20_000): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = openConnection(door, request);
    const started = Date.now();
    const bytes: Buffer[] = [];
    let firstBodyByteMs = -1;
    let names = '';
    const finish = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ ...parseAnswer(Buffer.concat(bytes)), firstBodyByteMs, certificateNames: names });
    };
    const timer = setTimeout(finish, withinMs);
    socket.on(request.scheme === 'https' ? 'secureConnect' : 'connect', () => {
      if ('getPeerCertificate' in socket)
        names = (socket as import('node:tls').TLSSocket).getPeerCertificate().subjectaltname ?? '';
      socket.write(Buffer.from(requestBytes(request), 'latin1'));
    });
    socket.on('data', (chunk) => {
      bytes.push(chunk);
      const all = Buffer.concat(bytes);
      const end = all.indexOf('\r\n\r\n');
      if (firstBodyByteMs < 0 && end !== -1 && all.length > end + 4) firstBodyByteMs = Date.now() - started;
      if (isComplete(all, request.method ?? 'GET')) finish();
    });
    socket.on('error', finish);
    socket.on('close', finish);
  });
}

interface Head {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly bodyStart: number;
}

function readHead(bytes: Buffer): Head | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const [line = '', ...rest] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = rest.map((text): readonly [string, string] => {
    const colon = text.indexOf(':');
    return [text.slice(0, colon).toLowerCase(), text.slice(colon + 1).trim()];
  });
  return { status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(line)?.[1] ?? 0), headers, bodyStart: end + 4 };
}

function isComplete(bytes: Buffer, method: string): boolean {
  const head = readHead(bytes);
  if (head === null) return false;
  if (method === 'HEAD' || head.status === 204 || head.status === 304 || head.status === 101) return true;
  const length = head.headers.find(([name]) => name === 'content-length')?.[1];
  if (length !== undefined) return bytes.length - head.bodyStart >= Number(length);
  return isChunked(head) && bytes.subarray(head.bodyStart).toString('latin1').endsWith('0\r\n\r\n');
}

function isChunked(head: Head): boolean {
  return head.headers.some(([name, value]) => name === 'transfer-encoding' && value.toLowerCase() === 'chunked');
}

function parseAnswer(bytes: Buffer): Pick<Answer, 'status' | 'headers' | 'body'> {
  const head = readHead(bytes);
  if (head === null) return { status: 0, headers: [], body: bytes.toString('latin1') };
  const raw = bytes.subarray(head.bodyStart).toString('latin1');
  return { status: head.status, headers: head.headers, body: isChunked(head) ? dechunk(raw) : raw };
}

function dechunk(text: string): string {
  const match = /^([0-9a-fA-F]+)[^\r]*\r\n/.exec(text);
  const size = Number.parseInt(match?.[1] ?? '0', 16);
  if (match === null || size === 0) return '';
  const start = match[0].length;
  return text.slice(start, start + size) + dechunk(text.slice(start + size + 2));
}

/** All values of a header, in order. */
export function valuesOf(headers: readonly (readonly [string, string])[], name: string): readonly string[] {
  return headers.filter(([own]) => own.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
}
