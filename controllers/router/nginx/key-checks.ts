import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { KeyRing } from '../routing-table.ts';

/** What the check of a key came to: the statuses nginx's `auth_request` acts on. 503 lets nobody through. */
export type KeyVerdict = 204 | 403 | 503;

/** Compared with what is sent to a ring that has no digest, so that its absence takes no less time. */
const nobody = Buffer.alloc(32);

/** Whether a caller may pass. Every digest is compared, each in constant time. */
export function judgeKey(ring: KeyRing | undefined, sent: string): KeyVerdict {
  const digest = createHash('sha256').update(sent, 'latin1').digest();
  const accepted = ring?.kind === 'usable' ? ring.digests.map((hex) => Buffer.from(hex, 'hex')) : [nobody];
  const matches = accepted.filter((one) => one.length === digest.length && timingSafeEqual(one, digest)).length;
  if (ring?.kind !== 'usable' || ring.digests.length === 0) return 503;
  return sent !== '' && matches > 0 ? 204 : 403;
}

/**
 * Answers nginx on a socket that only the router's user can open. Keys are read anew for each check: a rotation needs no
 * reload, and a key that was taken away is refused at once.
 */
export function createKeyServer(
  keys: () => ReadonlyMap<string, KeyRing>,
  onVerdict: (verdict: KeyVerdict) => void,
): Server {
  // Longer than nginx keeps an idle connection here, so that none closes under a check.
  const limits = { keepAliveTimeout: 100_000, maxHeaderSize: 65_536 };
  return createServer(limits, (request, response) => {
    const verdict = judgeKey(keys().get(headerOf(request, 'x-ring')), headerOf(request, 'x-key'));
    onVerdict(verdict);
    response.writeHead(verdict, { 'Content-Length': '0' });
    response.end();
  });
}

/** Empty unless the header is there once. */
function headerOf(request: IncomingMessage, name: string): string {
  const values = request.headersDistinct[name] ?? [];
  return values.length === 1 ? (values[0] ?? '') : '';
}
