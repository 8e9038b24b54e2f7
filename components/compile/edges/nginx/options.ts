import { defaultOptions, type IngressOptions, type IngressProtection } from '../../../dialects/nginx.ts';
import { apiKeyHeader } from '../../../model/match.ts';
import { defaults } from '../../defaults.ts';
import { gatekeeperUrl } from '../../gatekeeper.ts';
import type { EnvironmentPlan, RoutePlan, TargetPlan } from '../../plan.ts';

/** What the gatekeeper tells of a caller whose key it let pass. */
const callerHeader = 'X-Edgeplane-Caller';
/** An address no client has: a list of it alone lets nobody in. */
const nobody: readonly string[] = ['255.255.255.255/32'];

/** What an Ingress of this route asks for. What its server has no word for is not asked: the losses say so. */
export function optionsOf(
  route: RoutePlan,
  environment: EnvironmentPlan,
  unvouched: readonly string[],
): IngressOptions {
  const own = environment.nginx.servedBy === 'controller' ? controllerOptions(route, unvouched) : {};
  return {
    ...defaultOptions,
    protection: protectionOf(route),
    httpsRedirect: route.tls.kind === 'off' ? false : route.httpsRedirect,
    bodyLimitBytes: route.bodyLimitBytes,
    connectMs: route.timeouts.connectMs,
    responseMs: route.timeouts.responseMs,
    streaming: route.streaming,
    allowFrom: route.allowFrom,
    backendProtocol: protocolOf(firstTarget(route), environment),
    redirect:
      route.action.kind === 'redirect' && route.action.to !== null
        ? { status: route.action.status, to: route.action.to }
        : null,
    cors: route.cors,
    sticky: route.sticky,
    ...own,
  };
}

/** What an Ingress of this route asks for where it may let nobody in. */
export function closedOptions(): IngressOptions {
  return { ...defaultOptions, httpsRedirect: false, allowFrom: nobody };
}

/** The target of a route that has one; edges of Ingresses know no second. */
export function firstTarget({ action }: RoutePlan): TargetPlan | undefined {
  return action.kind === 'forward' ? action.targets[0] : undefined;
}

function controllerOptions(route: RoutePlan, unvouched: readonly string[]): Partial<IngressOptions> {
  return {
    removedHeaders: removedHeaders(route, unvouched),
    rewriteTo: route.rewrite.kind === 'replacePrefix' ? route.rewrite.to : null,
    hsts: route.hsts,
    websocket: route.websocket,
    encodedSlash: route.encodedSlash,
  };
}

/** Sorted, in lower case: identity that another route to the Service vouches for, the key that was checked, what the author says. */
function removedHeaders({ protection, requestHeaders }: RoutePlan, unvouched: readonly string[]): readonly string[] {
  const checked =
    protection.kind === 'apiKey'
      ? [apiKeyHeader]
      : protection.kind === 'open' || protection.kind === 'forwardAuth'
        ? []
        : ['Authorization'];
  const names = [...unvouched, ...checked, ...requestHeaders.remove];
  return [...new Set(names.map(lower))].toSorted();
}

function lower(name: string): string {
  return name.toLowerCase();
}

function protectionOf({ namespace, protection }: RoutePlan): IngressProtection {
  switch (protection.kind) {
    case 'open':
      return { kind: 'open' };
    case 'forwardAuth': {
      const { kind, url, responseHeaders, timeoutMs } = protection;
      return { kind, url, responseHeaders: responseHeaders.toSorted(), timeoutMs };
    }
    case 'apiKey':
    case 'bearer':
      return {
        kind: 'forwardAuth',
        url: gatekeeperUrl(namespace, protection),
        responseHeaders: [callerHeader],
        timeoutMs: defaults.route.authTimeoutMs,
      };
    case 'basicAuth':
      return { kind: 'basicAuth', secret: protection.secret, realm: protection.realm };
    default:
      return protection satisfies never;
  }
}

function protocolOf(target: TargetPlan | undefined, { nginx }: EnvironmentPlan): IngressOptions['backendProtocol'] {
  const protocol = target?.protocol ?? 'http';
  switch (protocol) {
    case 'https':
      return 'HTTPS';
    case 'h2c':
      return nginx.servedBy === 'controller' ? 'HTTP' : 'GRPC';
    case 'http':
      return 'HTTP';
    default:
      return protocol satisfies never;
  }
}
