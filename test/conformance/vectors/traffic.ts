import type { Vector } from '../vector.ts';

const get = (host: string, target: string) => ({ host, target });

/** Headers, bodies, timeouts. */
export const trafficVectors: readonly Vector[] = [
  {
    id: 'C60',
    says: 'headers are set and removed on the way in',
    request: {
      ...get('headers.test', '/'),
      headers: [
        ['X-Set', 'by-client'],
        ['X-Gone', 'still here'],
      ],
    },
    expect: { status: 200, service: 'a', upstream: { 'X-Set': 'by-edge', 'X-Gone': null } },
  },
  {
    id: 'C61',
    says: 'and on the way out',
    request: get('headers.test', '/?__header=X-Secret:a&__header=X-Answer:app'),
    expect: { status: 200, service: 'a', response: { 'X-Answer': 'by-edge', 'X-Secret': null } },
  },
  {
    id: 'V59',
    says: 'a chunked upload arrives whole',
    request: {
      ...get('h.test', '/'),
      method: 'POST',
      headers: [['Transfer-Encoding', 'chunked']],
      body: '5\r\nhello\r\n0\r\n\r\n',
    },
    expect: { status: 200, service: 'a', bodyLength: 5 },
  },
  {
    id: 'V60a',
    says: 'a body at the limit passes',
    request: { ...get('limit.test', '/'), method: 'POST', body: 'x'.repeat(1024) },
    expect: { status: 200, service: 'a', bodyLength: 1024 },
  },
  {
    id: 'V60b',
    says: 'a byte more is 413',
    request: { ...get('limit.test', '/'), method: 'POST', body: 'x'.repeat(1025) },
    expect: { status: 413, service: null },
  },
  {
    id: 'V60c',
    says: 'in chunks too',
    request: {
      ...get('limit.test', '/'),
      method: 'POST',
      headers: [['Transfer-Encoding', 'chunked']],
      body: `800\r\n${'x'.repeat(2048)}\r\n0\r\n\r\n`,
    },
    expect: { status: 413, service: null },
  },
  {
    id: 'V61',
    says: 'without a limit there is none',
    request: { ...get('h.test', '/'), method: 'POST', body: 'x'.repeat(3_000_000) },
    expect: { status: 200, service: 'a', bodyLength: 3_000_000 },
  },
  {
    id: 'V62',
    says: 'an answer that is late is 504',
    request: get('slow.test', '/?__sleep=3s'),
    expect: { status: 504, service: null },
  },
  { id: 'V62b', says: 'one in time is not', request: get('slow.test', '/'), expect: { status: 200, service: 'a' } },
  {
    id: 'V63',
    says: 'an app may answer with any status',
    request: get('h.test', '/?__status=418'),
    expect: { status: 418 },
  },
  {
    id: 'C62',
    says: 'a target that speaks HTTP/2 without TLS is spoken to so',
    request: get('h2c.test', '/x'),
    expect: { status: 200, service: 'b', target: '/x' },
  },
];
