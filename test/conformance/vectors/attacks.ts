import type { Vector } from '../vector.ts';
import { routingKey } from '../worlds.ts';

type Headers = readonly (readonly [string, string])[];
const get = (host: string, target: string, headers: Headers = []) => ({ host, target, headers });
const key: Headers = [['X-ROUTING-API-KEY', Buffer.from(routingKey).toString('base64')]];
const refused = { status: 400, service: null } as const;

const forwarding: Headers = [
  ['X-Forwarded-For', '1.2.3.4'],
  ['X-Forwarded-Proto', 'https'],
  ['X-Forwarded-Host', 'evil.test'],
  ['X-Forwarded-Prefix', '/evil'],
  ['X-Forwarded-Uri', '/evil'],
  ['X-Forwarded-Method', 'DELETE'],
  ['X_Forwarded_Host', 'evil.test'],
  ['X-Real-Ip', '1.2.3.4'],
  ['Forwarded', 'for=1.2.3.4;host=evil.test'],
  ['X-Forwarded-User', 'root'],
  ['Remote-User', 'root'],
  ['X-Original-URL', '/admin'],
  ['True-Client-Ip', '1.2.3.4'],
  ['Proxy', 'http://evil.test'],
];

/** Rows R1 to R19 of the attack list that a request alone can try, and what belongs to them. */
export const attackVectors: readonly Vector[] = [
  {
    id: 'R1a',
    says: 'a strip does not climb',
    request: get('strip.test', '/app../admin'),
    expect: { status: 404, service: null },
  },
  {
    id: 'R1b',
    says: 'nor encoded',
    request: get('strip.test', '/app%2e%2e/admin'),
    expect: { status: 404, service: null },
  },
  { id: 'R2', says: 'nor by an encoded slash', request: get('strip.test', '/app/..%2fadmin'), expect: refused },
  {
    id: 'R3',
    says: 'nor by an encoded dot',
    request: get('strip.test', '/app%2e/admin'),
    expect: { status: 404, service: null },
  },
  {
    id: 'R5',
    says: 'a longer name is another segment',
    request: get('auth.test', '/publicity'),
    expect: { status: 401, service: null },
  },
  { id: 'R6a', says: 'two slashes do not hide a path', request: get('auth.test', '//public'), expect: refused },
  { id: 'R6b', says: 'an escape does not hide a path', request: get('auth.test', '/%70ublic/../x'), expect: refused },
  {
    id: 'R6c',
    says: 'a parameter does not open a path',
    request: get('auth.test', '/public;x'),
    expect: { status: 401, service: null },
  },
  {
    id: 'R8',
    says: 'nothing a client says of itself reaches the app',
    request: get('h.test', '/x', forwarding),
    expect: {
      status: 200,
      service: 'a',
      upstream: {
        'X-Forwarded-Proto': 'http',
        'X-Forwarded-Host': 'h.test',
        'X-Forwarded-Prefix': null,
        'X-Forwarded-Uri': null,
        'X-Forwarded-Method': null,
        X_Forwarded_Host: null,
        Forwarded: null,
        'X-Forwarded-User': null,
        'Remote-User': null,
        'X-Original-URL': null,
        'True-Client-Ip': null,
        Proxy: null,
      },
    },
  },
  {
    id: 'R9',
    says: 'trailers bring no identity',
    request: {
      host: 'auth.test',
      target: '/',
      bytes:
        'POST / HTTP/1.1\r\nHost: auth.test\r\nAuthorization: Bearer good\r\nConnection: close\r\nTE: trailers\r\nTrailer: X-Auth-User\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Auth-User: mallory\r\n\r\n',
    },
    expect: { status: [200, 400], upstream: { 'X-Auth-User': 'alice' } },
  },
  {
    id: 'R10',
    says: 'Connection takes no header off that the edge set or checks',
    request: get('key.test', '/', [...key, ['Connection', 'close, X-Routing-Api-Key, X-Forwarded-For, X-Real-Ip']]),
    expect: { status: [200, 403], upstream: { 'X-Forwarded-Host': 'key.test', 'X-ROUTING-API-KEY': null } },
  },
  {
    id: 'R11a',
    says: 'no upgrade to h2c reaches an app',
    request: get('h.test', '/', [
      ['Connection', 'Upgrade, HTTP2-Settings'],
      ['Upgrade', 'h2c'],
      ['HTTP2-Settings', 'AAMAAABkAAQAAP__'],
    ]),
    expect: { status: 200, service: 'a', upstream: { Upgrade: null, 'HTTP2-Settings': null } },
  },
  {
    id: 'R11b',
    says: 'nor on a WebSocket route',
    request: get('ws.test', '/', [
      ['Connection', 'Upgrade, HTTP2-Settings'],
      ['Upgrade', 'h2c'],
      ['HTTP2-Settings', 'AAMAAABkAAQAAP__'],
    ]),
    expect: { status: 200, service: 'a', upstream: { Upgrade: null, 'HTTP2-Settings': null } },
  },
  {
    id: 'R11c',
    says: 'no WebSocket without the route asking for it',
    request: get('h.test', '/', [
      ['Connection', 'Upgrade'],
      ['Upgrade', 'websocket'],
      ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
      ['Sec-WebSocket-Version', '13'],
    ]),
    expect: { status: 200, service: 'a', upstream: { Upgrade: null } },
  },
  {
    id: 'R15a',
    says: 'length and chunks together reach the app as one framing',
    request: {
      host: 'h.test',
      target: '/',
      bytes:
        'POST / HTTP/1.1\r\nHost: h.test\r\nConnection: close\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    },
    expect: { status: [200, 400], upstream: { 'Content-Length': null }, bodyLength: 5 },
  },
  {
    id: 'R15b',
    says: 'an unknown transfer coding is refused',
    request: {
      host: 'h.test',
      target: '/',
      bytes: 'POST / HTTP/1.1\r\nHost: h.test\r\nConnection: close\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n',
    },
    expect: { status: [400, 501], service: null },
  },
  {
    id: 'R15c',
    says: 'two lengths are refused',
    request: {
      host: 'h.test',
      target: '/',
      bytes:
        'POST / HTTP/1.1\r\nHost: h.test\r\nConnection: close\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd',
    },
    expect: { status: 400, service: null },
  },
  {
    id: 'R18',
    says: 'headers have a limit',
    request: get('h.test', '/', [['X-Big', 'x'.repeat(200_000)]]),
    expect: { status: 431, service: null },
  },
];
