import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** What a name has: IPv4 addresses and their time to live in seconds, a failure by its RCODE, or no answer ever. */
export type Record4 =
  | { readonly addresses: readonly string[]; readonly ttl: number }
  | { readonly rcode: number }
  | 'silent';

/** A name server on loopback. A name it was not told of does not exist. */
export interface NameServer {
  /** `address:port`. */
  readonly address: string;
  /** The names that were asked for, in turn, without the dot at their end. */
  readonly asked: string[];
  readonly records: Map<string, Record4>;
  readonly stop: () => void;
}

export async function startNameServer(records: Readonly<Record<string, Record4>>): Promise<NameServer> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const table = new Map(Object.entries(records));
  const asked: string[] = [];
  socket.on('message', (query, from) => {
    const { name, end, type } = readQuestion(query);
    asked.push(name);
    const record = table.get(name) ?? { rcode: 3 };
    if (record === 'silent') return;
    const found = 'rcode' in record || type !== 1 ? [] : record.addresses;
    const answers = found.map((address) => answer(address, 'ttl' in record ? record.ttl : 0));
    const head = Buffer.from(query.subarray(0, 12));
    head.writeUInt16BE(0x8180 | ('rcode' in record ? record.rcode : 0), 2);
    head.writeUInt16BE(answers.length, 6);
    head.writeUInt32BE(0, 8);
    socket.send(Buffer.concat([head, query.subarray(12, end), ...answers]), from.port, from.address);
  });
  return { address: `127.0.0.1:${socket.address().port}`, asked, records: table, stop: () => socket.close() };
}

/** RFC 1035, section 4.1.2. */
function readQuestion(query: Buffer): { readonly name: string; readonly end: number; readonly type: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 5, type: query.readUInt16BE(at + 1) };
}

/** RFC 1035, section 4.1.3, with a pointer to the question's name. */
function answer(address: string, ttl: number): Buffer {
  const record = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]);
  record.writeUInt32BE(ttl, 6);
  return record;
}
