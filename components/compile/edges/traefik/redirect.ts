import { anyUrl } from '../../../dialects/traefik-own.ts';
import type { EnvironmentPlan, RouteAction } from '../../plan.ts';
import type { MiddlewareSpec } from './generated/types.ts';
import { hasSidecar, redirectByAnswer } from './sidecar.ts';

/**
 * A redirect with its status. An edge of someone else's says it as Traefik can: 301 and 308 become one permanent form,
 * 302 and 307 one temporary form, which answer GET with 301 or 302 and every other method with 308 or 307.
 */
export function redirectSpec(action: RouteAction, environment: EnvironmentPlan): MiddlewareSpec | null {
  if (action.kind === 'forward') return null;
  if (hasSidecar(environment)) {
    const reference = environment.trustedProxies.length === 0 ? 'absolute' : 'relative';
    return redirectByAnswer({ ...action, port: null, reference });
  }
  const permanent = action.status === 301 || action.status === 308;
  if (action.to !== null) return { redirectRegex: { regex: '^.*$', replacement: literal(action.to), permanent } };
  return { redirectRegex: { regex: anyUrl, replacement: replacement(action), permanent } };
}

/** The port stays unless the host or the scheme changes. */
function replacement(action: Extract<RouteAction, { kind: 'redirect' }>): string {
  const scheme = action.scheme ?? group(1);
  const sameAuthority = action.scheme === null ? `${group(2)}${group(3)}` : group(2);
  const authority = action.host === null ? sameAuthority : literal(action.host);
  const path = action.path === null ? group(4) : literal(action.path);
  return `${scheme}://${authority}${path}${group(5)}`;
}

function group(number: number): string {
  return `\${${number}}`;
}

/** Text that Go's `Regexp.Expand` leaves as it is. */
function literal(text: string): string {
  return text.replaceAll('$', '$$$$');
}
