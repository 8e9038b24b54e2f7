import { readSidecarUrl } from '../dialects/edge-sidecar.ts';
import type { ReadProtection } from './read-route.ts';

/** Forward auth as an object names it. */
interface ForwardAuth {
  readonly url: string;
  readonly responseHeaders: readonly string[];
  readonly signIn: string | null;
  /** Of the object that names it. */
  readonly namespace: string;
}

/** Our own gatekeeper's address; it says which key of which Secret is asked for. */
const gatekeeper =
  /^http:\/\/edgeplane-gatekeeper\.([a-z0-9-]+)\.svc\.cluster\.local:[0-9]+\/auth\/(api-key|bearer)\?(.*)$/;

/** Forward auth, or the key that our gatekeeper asks for where it is the one who is asked. */
export function forwardAuthProtection({ url, responseHeaders, signIn, namespace }: ForwardAuth): ReadProtection {
  const [, where, check, query] = gatekeeper.exec(url) ?? [];
  const asked = new URLSearchParams(query ?? '');
  const [secret, key] = [asked.get('secret'), asked.get('key')];
  if (where === namespace && secret !== null && key !== null)
    return { kind: check === 'bearer' ? 'bearer' : 'apiKey', secret, key };
  const question = readSidecarUrl(url);
  return question?.kind === 'auth'
    ? { kind: 'forwardAuth', url: question.url, responseHeaders, signIn: question.signIn }
    : { kind: 'forwardAuth', url, responseHeaders, signIn };
}
