import type { RedirectQuestion } from '../../../components/dialects/edge-sidecar.ts';
import { type Original, type Reply, said } from './reply.ts';

/** The redirect that a route asks for, with exactly its status whatever the method was. */
export function redirectReply(question: RedirectQuestion, original: Original): Reply {
  return said('redirected', question.status, 'redirected', ['Location', locationOf(question, original)]);
}

/** The port stays unless the host or the scheme changes. The query stays unless a whole URL is named. */
function locationOf(question: RedirectQuestion, original: Original): string {
  if (question.to !== null) return question.to;
  const { scheme, host, path, port, reference } = question;
  const cut = original.target.indexOf('?');
  const query = cut === -1 ? '' : original.target.slice(cut);
  const target = path === null ? original.target : `${path}${query}`;
  const named = host ?? (scheme === null ? original.host : withoutPort(original.host));
  const authority = port === null ? named : `${named}:${port}`;
  if (scheme === null && reference === 'relative') return host === null ? target : `//${authority}${target}`;
  return `${scheme ?? original.scheme}://${authority}${target}`;
}

function withoutPort(host: string): string {
  return host.replace(/:[0-9]+$/, '');
}
