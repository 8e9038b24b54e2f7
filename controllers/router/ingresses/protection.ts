import { isIP } from 'node:net';
import { serviceOfAuthHost } from '../../../components/dialects/nginx/auth-host.ts';
import type { IngressProtection } from '../../../components/dialects/nginx.ts';
import type { RouteProtection, Target } from '../routing-table.ts';
import type { UsersFacts } from './credentials.ts';
import type { Directory, Resolved } from './service.ts';

/** Where what a protection names is found. */
export interface Guards {
  readonly directory: Directory;
  readonly users: (namespace: string, secret: string) => UsersFacts | undefined;
}

/** A protection with every name in it resolved. One that cannot be is broken: nobody is let through. */
export function protectionOf(asked: IngressProtection, namespace: string, guards: Guards): RouteProtection {
  switch (asked.kind) {
    case 'open':
      return { kind: 'open' };
    case 'forwardAuth':
      return forwardAuthOf(asked, namespace, guards.directory);
    case 'basicAuth': {
      const found = guards.users(namespace, asked.secret);
      const where = `Secret ${namespace}/${asked.secret} of type kubernetes.io/basic-auth`;
      if (found === undefined) return { kind: 'broken', why: `found no ${where}, expected the one that is named` };
      if (!found.ok)
        return { kind: 'broken', why: `${where}: ${found.fault}, expected users, or username and password` };
      return { kind: 'basicAuth', realm: asked.realm, users: found.users };
    }
    default:
      return asked satisfies never;
  }
}

type ForwardAuth = Extract<IngressProtection, { kind: 'forwardAuth' }>;

function forwardAuthOf(asked: ForwardAuth, namespace: string, directory: Directory): RouteProtection {
  const url = URL.canParse(asked.url) ? new URL(asked.url) : null;
  if (url === null || url.protocol !== 'http:' || url.username !== '' || url.password !== '')
    return {
      kind: 'broken',
      why: 'found an authentication URL that is not plain http, expected http://SERVICE.NAMESPACE.svc',
    };
  const found = whoIsAsked(url, namespace, directory);
  if (!found.ok) {
    const none = `found nobody ready behind ${url.host}, expected an authentication service`;
    return { kind: 'broken', why: found.fault ?? none };
  }
  return {
    kind: 'forwardAuth',
    targets: found.targets,
    authority: url.host,
    target: `${url.pathname}${url.search}`,
    responseHeaders: asked.responseHeaders,
    timeoutMs: asked.timeoutMs,
  };
}

const defaultPort = 80;

/** An address, or a Service by the names it has in the cluster. Names outside would be looked up once and kept for ever. */
function whoIsAsked(url: URL, namespace: string, directory: Directory): Resolved {
  const port = url.port === '' ? defaultPort : Number(url.port);
  const address = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(address) !== 0) return { ok: true, targets: [{ address, port } satisfies Target] };
  const named = serviceOfAuthHost(url.hostname);
  if (named === null)
    return {
      ok: false,
      fault: `found authentication host ${url.hostname}, expected SERVICE.NAMESPACE.svc or an address`,
    };
  return directory.resolve(named.namespace ?? namespace, { service: named.service, port }, false);
}
