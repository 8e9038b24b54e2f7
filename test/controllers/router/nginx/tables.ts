import { runFolder } from '../../../../controllers/router/nginx/http-block.ts';
import { type Rendered, render } from '../../../../controllers/router/nginx/render.ts';
import {
  type EdgeSettings,
  type Forward,
  neverTargets,
  type Owner,
  type Route,
  type RoutingTable,
} from '../../../../controllers/router/routing-table.ts';

export const settings: EdgeSettings = {
  httpPort: 8080,
  httpsPort: 8443,
  publicPorts: { http: 80, https: 443 },
  ipv6: false,
  unknownHost: 'close',
  clientAddress: { kind: 'connection' },
  acme: true,
  keyHeader: 'X-ROUTING-API-KEY',
  bodyLimitBytes: null,
  accessLog: true,
  workerShutdownMs: 60_000,
  workers: 2,
  refusedTargets: neverTargets,
};

export const empty: RoutingTable = { routes: [], certificates: [], defaultCertificate: null, keys: new Map() };

export const owner: Owner = { kind: 'Pod', namespace: 'shop', name: 'web', uid: 'u1' };

const forward: Forward = {
  kind: 'forward',
  targets: [{ address: '10.0.0.1', port: 8080 }],
  protocol: 'http',
  rewriteTo: null,
  sticky: null,
  connectMs: 5_000,
  responseMs: 60_000,
  streaming: false,
  websocket: false,
};

/** A route to one pod; `host` as `a.test`, `*.a.test` or empty. */
export function route(
  host: string,
  path: Route['path'] | string,
  more: Partial<Route> = {},
  to: Partial<Forward> = {},
): Route {
  return {
    id: `shop/${host.replace('*', '@')}/${typeof path === 'string' ? path : `${path.kind}${path.path}`}`.replace(
      /[^A-Za-z0-9./@]/g,
      '-',
    ),
    owners: [owner],
    host:
      host === ''
        ? { kind: 'any' }
        : host.startsWith('*.')
          ? { kind: 'wildcard', suffix: host.slice(2) }
          : { kind: 'exact', name: host },
    path: typeof path === 'string' ? { kind: 'prefix', path } : path,
    action: { ...forward, ...to },
    protection: { kind: 'open' },
    allowFrom: null,
    httpsRedirect: false,
    hsts: null,
    cors: null,
    removedHeaders: [],
    bodyLimitBytes: null,
    encodedSlash: 'refuse',
    ...more,
  };
}

export function rendered(
  routes: readonly Route[],
  more: Partial<RoutingTable> = {},
  own: Partial<EdgeSettings> = {},
): Rendered {
  return render({ ...empty, routes, ...more }, { ...settings, ...own }, runFolder('/run/router'));
}
