import type { Readable } from 'node:stream';

/** A line that is longer than any object of the API can be. */
const mostLineBytes = 16 << 20;

const newLine = 0x0a;

/**
 * The lines of a stream, without their ends. A last line without an end was cut off: it is given as `cut`.
 * @throws when a line is longer than 16 MiB; the stream's error.
 */
export async function* readLines(stream: Readable): AsyncGenerator<{ readonly text: string; readonly cut: boolean }> {
  let parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(newLine); end !== -1; end = chunk.indexOf(newLine, from)) {
      yield { text: Buffer.concat([...parts, chunk.subarray(from, end)]).toString(), cut: false };
      parts = [];
      bytes = 0;
      from = end + 1;
    }
    parts.push(chunk.subarray(from));
    bytes += chunk.length - from;
    if (bytes > mostLineBytes) throw new Error(`found a line of more than ${mostLineBytes} bytes, expected an event`);
  }
  if (bytes > 0) yield { text: Buffer.concat(parts).toString(), cut: true };
}
