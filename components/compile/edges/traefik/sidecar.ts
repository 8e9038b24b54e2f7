import { type RedirectQuestion, sidecarUrl } from '../../../dialects/edge-sidecar.ts';
import type { EnvironmentPlan, ProtectionPlan } from '../../plan.ts';
import type { MiddlewareSpec } from './generated/types.ts';

/**
 * Whether a program of ours stands beside Traefik: on our own edge, for what Traefik cannot do by itself. On an edge of
 * someone else's what depends on it is a loss.
 */
export function hasSidecar({ existingEdge }: EnvironmentPlan): boolean {
  return existingEdge === null;
}

/** A redirect with exactly the status that is asked for, whatever the method: Traefik's own answer 301 or 302 to GET. */
export function redirectByAnswer(question: RedirectQuestion): MiddlewareSpec {
  return {
    forwardAuth: {
      address: sidecarUrl(question),
      trustForwardHeader: false,
      // Nothing of the client's: where to go follows from what the edge itself says of the request.
      authRequestHeaders: ['Host'],
      preserveLocationHeader: true,
      maxResponseBodySize: 1024,
    },
  };
}

/** Where forward auth is asked: through the program, which keeps the contract that Traefik alone does not. */
export function authAddress(
  { url, timeoutMs, responseHeaders, signIn }: Extract<ProtectionPlan, { kind: 'forwardAuth' }>,
  environment: EnvironmentPlan,
): string {
  return hasSidecar(environment) ? sidecarUrl({ kind: 'auth', url, timeoutMs, responseHeaders, signIn }) : url;
}
