import { connect } from 'node:tls';
import type { Door } from './raw-client.ts';

/** One frame of HTTP/2. */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Types of the frames that answer an attack. */
export const frameType = { headers: 1, reset: 3, goAway: 7 } as const;
const continuation = 9;

const host = 'tls.test';
const preface = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0, Buffer.alloc(0))]);
const authority = Buffer.concat([Buffer.from([0x41, host.length]), Buffer.from(host)]);
/** GET https://tls.test/ */
const request = Buffer.concat([Buffer.from([0x82, 0x87, 0x84]), authority]);

/** A head with a header of 4000 bytes that is kept in the table, and that header 11,000 times more. */
export const headBomb: readonly Buffer[] = [
  frame(
    frameType.headers,
    0x5,
    1,
    Buffer.concat([
      request,
      Buffer.from([0x40, 1, 0x61, 0x7f, 0xa1, 0x1e]),
      Buffer.alloc(4000, 'x'),
      Buffer.alloc(11_000, 0xbe),
    ]),
  ),
];

const piece = Buffer.concat([Buffer.from([0x00, 1, 0x62, 0x7f, 0xe9, 0x06]), Buffer.alloc(1000, 'y')]);

/** A head in 2000 pieces, none of which is the last. */
export const endlessHead: readonly Buffer[] = [
  frame(frameType.headers, 0x1, 1, request),
  ...Array.from({ length: 2000 }, () => frame(continuation, 0, 1, piece)),
];

/** 2000 requests, each reset as soon as it is begun. */
export const resetStorm: readonly Buffer[] = Array.from({ length: 2000 }, (_, index) => {
  const stream = 2 * index + 1;
  return Buffer.concat([
    frame(frameType.headers, 0x5, stream, request),
    frame(frameType.reset, 0, stream, Buffer.from([0, 0, 0, 8])),
  ]);
});

/** Whether one of these frames answers an attack. */
export function isAnswered(types: readonly number[]): boolean {
  return types.some((type) => Object.values(frameType).some((known) => known === type));
}

/**
 * Writes frames to `tls.test` and gives the types of those that come back until they are enough, the other side is done,
 * or `withinMs` are over.
 */
export function speak(
  door: Door,
  frames: readonly Buffer[],
  enough: (types: readonly number[]) => boolean = isAnswered,
  withinMs = 30_000,
): Promise<readonly number[]> {
  return new Promise((resolve) => {
    const options = { servername: host, rejectUnauthorized: false, ALPNProtocols: ['h2'] };
    const socket = connect({ host: door.address, port: door.https, ...options });
    const chunks: Buffer[] = [];
    const done = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(typesOf(Buffer.concat(chunks)));
    };
    const timer = setTimeout(done, withinMs);
    socket.on('secureConnect', () => socket.write(Buffer.concat([preface, ...frames])));
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (enough(typesOf(Buffer.concat(chunks)))) done();
    });
    socket.on('error', done).on('close', done);
  });
}

function typesOf(bytes: Buffer): readonly number[] {
  const types: number[] = [];
  for (let at = 0; bytes.length >= at + 9; at += 9 + bytes.readUIntBE(at, 3)) types.push(bytes.readUInt8(at + 3));
  return types;
}
