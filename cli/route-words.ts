import type { ProtectionPlan, RouteAction, TlsPlan } from '../components/compile/plan.ts';
import { type HeaderValue, type HostMatch, hostText, type PathMatch } from '../components/model/route-match.ts';

/** The parts of a route in the words of tables and explanations. */

export function hostWords(host: HostMatch): string {
  return hostText(host, '(any)');
}

/** A prefix as `/shop/…`: it and everything below it. */
export function pathWords(path: PathMatch): string {
  if (path.kind === 'exact') return path.path;
  return path.path === '/' ? '/…' : `${path.path}/…`;
}

export function methodWords(methods: readonly string[]): string {
  return methods.length === 0 ? '(any)' : methods.join(',');
}

export function headerWords(headers: readonly HeaderValue[]): string {
  return headers.map(({ name, value }) => `${name}: ${value}`).join(', ');
}

/** Where a request goes: `shop/cart:80`, weighted targets by their share, or the redirect. */
export function actionWords(action: RouteAction): string {
  if (action.kind === 'redirect') return `${action.status} to ${redirectTarget(action)}`;
  const total = action.targets.reduce((sum, target) => sum + target.weight, 0);
  return action.targets
    .map(({ namespace, service, port, weight }) => {
      const share = action.targets.length === 1 ? '' : ` (${total === 0 ? 0 : Math.round((100 * weight) / total)}%)`;
      return `${namespace}/${service}:${port}${share}`;
    })
    .join(', ');
}

export function protectionWords(protection: ProtectionPlan): string {
  switch (protection.kind) {
    case 'open':
      return `open: ${protection.reason}`;
    case 'forwardAuth':
      return `forward auth: ${protection.url}`;
    case 'apiKey':
      return `API key: ${protection.secret}:${protection.key}`;
    case 'bearer':
      return `bearer token: ${protection.secret}:${protection.key}`;
    case 'basicAuth':
      return `basic auth: ${protection.secret}`;
    default:
      return protection satisfies never;
  }
}

export function tlsWords(tls: TlsPlan): string {
  switch (tls.kind) {
    case 'off':
      return 'off';
    case 'default':
      return 'default certificate';
    case 'secret':
      return `secret ${tls.name}`;
    case 'issuer':
      return `issuer ${tls.name}`;
    default:
      return tls satisfies never;
  }
}

function redirectTarget(action: Extract<RouteAction, { kind: 'redirect' }>): string {
  if (action.to !== null) return action.to;
  const authority = action.host ?? '{host}';
  return `${action.scheme ?? '{scheme}'}://${authority}${action.path ?? '{path}'}`;
}
