import { z } from 'zod';
import {
  byteSize,
  cidr,
  duration,
  exactHost,
  headerName,
  headerValue,
  host,
  httpUrl,
  label,
  matchValue,
  objectName,
  portNumber,
  requestHeaderName,
  responseHeaderName,
  urlPath,
} from './leaf.ts';
import { protection } from './protection.ts';

/** The HTTP methods a route may name (RFC 9110, and PATCH of RFC 5789). */
const method = z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

const origin = z
  .string()
  .max(267)
  .regex(/^https?:\/\/[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[1-9][0-9]{0,4})?$/, {
    error: 'an origin: scheme, host and perhaps port, without path',
  })
  .meta({ examples: ['https://app.example.org'] });

const pathMatch = z.union([
  urlPath,
  z.strictObject({ prefix: urlPath.describe('This path and everything below it, by whole segments.') }),
  z.strictObject({ exact: urlPath.describe('This path and nothing else.') }),
]);

function headerChanges(name: typeof requestHeaderName) {
  return z.strictObject({
    set: z.record(name, headerValue).optional().describe('Headers by name, in place of what was sent.'),
    remove: z.array(name).min(1).max(50).optional().describe('Names of headers to take off.'),
  });
}

const target = z.union([
  z.union([label, portNumber]),
  z.strictObject({
    app: label.optional().describe('Another app. Default: this one.'),
    port: z.union([label, portNumber]).optional().describe('Its port. Default: its only port, or http.'),
    weight: z.int().min(0).max(1000).optional().describe('Share of the requests. Default: 1.'),
  }),
]);

export const tls = z.union([
  z.literal('off'),
  z.literal('default').describe('The default certificate of the edge.'),
  z.strictObject({ secret: objectName.describe('A Secret of type kubernetes.io/tls in the app’s namespace.') }),
  z.strictObject({
    issuer: objectName.describe('A cert-manager issuer; a Certificate object is emitted.'),
    cluster: z.boolean().optional().describe('It is a ClusterIssuer. Default: true.'),
  }),
]);

export const routeFields = {
  name: label
    .optional()
    .describe(
      'Name of the route in this app. Default: made from its hosts and match, so that it stays when others are added.',
    ),
  hosts: z
    .array(host)
    .min(1, { error: 'at least one host, or no hosts field for the default backend' })
    .max(50)
    .optional()
    .describe('Host names. None: the default backend, for every host no other route names.'),
  audience: z
    .enum(['public', 'private'])
    .optional()
    .describe('private: at the private door alone, which only some edges have. Default: public.'),
  paths: z
    .array(pathMatch)
    .min(1)
    .max(50)
    .optional()
    .describe('Paths; a plain string is a prefix. Default: everything.'),
  methods: z.array(method).min(1).optional().describe('Only these methods.'),
  headers: z
    .record(headerName, matchValue)
    .optional()
    .describe('Only requests with these headers, each with exactly this value.'),
  rewrite: z
    .union([
      z.strictObject({ stripPrefix: z.literal(true).describe('Take the matched path off.') }),
      z.strictObject({ replacePrefix: urlPath.describe('Put this path in its place.') }),
    ])
    .optional()
    .describe('Takes the matched path off, or puts another in its place; told upstream in X-Forwarded-Prefix.'),
  requestHeaders: headerChanges(requestHeaderName).optional().describe('What the app gets besides.'),
  responseHeaders: headerChanges(responseHeaderName).optional().describe('What the client gets besides.'),
  cors: z
    .strictObject({
      origins: z
        .array(z.union([z.literal('*'), origin]))
        .min(1)
        .max(50)
        .describe('Origins whose pages may call: "https://app.example.org", or "*" for all.'),
      methods: z.array(method).min(1).optional().describe('Default: GET, HEAD, POST.'),
      headers: z.array(headerName).min(1).max(50).optional().describe('Request headers such a page may send.'),
      exposeHeaders: z.array(headerName).min(1).max(50).optional().describe('Response headers such a page may read.'),
      credentials: z.boolean().optional().describe('Cookies and authorization may be sent. Default: false.'),
      maxAge: duration.optional().describe('How long a browser keeps the answer to a preflight.'),
    })
    .optional()
    .describe('Calls from pages of other origins. The edge answers preflights itself, before anyone is asked.'),
  timeouts: z
    .strictObject({
      connect: duration.optional().describe('Default: 5s.'),
      response: duration.optional().describe('Until the first byte of the answer; then 504. Default: 60s.'),
      idle: duration.optional().describe('An idle connection to the app is kept this long. Default: 90s.'),
    })
    .optional()
    .describe('How long the edge waits.'),
  bodyLimit: z
    .union([byteSize, z.literal('none')])
    .optional()
    .describe('A larger request body gets 413. Default: none.'),
  rateLimit: z
    .strictObject({
      requests: z.int().min(1).max(1_000_000).describe('So many requests'),
      per: duration.describe('in such a time.'),
      burst: z.int().min(1).max(1_000_000).optional().describe('At most so many at once. Default: requests.'),
    })
    .optional()
    .describe('By client address; over it 429 (503 on nginx).'),
  allowFrom: z.array(cidr).min(1).max(500).optional().describe('Only these client addresses pass; others get 403.'),
  websocket: z
    .boolean()
    .optional()
    .describe('The route carries WebSocket upgrades. Default: false; other upgrades are never passed.'),
  streaming: z
    .boolean()
    .optional()
    .describe('Nothing is buffered in either direction. Default: true where the edge streams anyway.'),
  tls: tls.optional().describe('Default: as the environment says.'),
  httpsRedirect: z.boolean().optional().describe('Plain HTTP gets a 308 to https. Default: true where there is TLS.'),
  hsts: z
    .union([
      z.literal(false),
      z.strictObject({
        maxAge: duration
          .or(z.string().regex(/^[1-9][0-9]{0,3}d$/, { error: 'days as 365d' }))
          .describe('How long browsers keep to https: "365d".'),
        includeSubdomains: z.boolean().optional().describe('Default: false.'),
        preload: z.boolean().optional().describe('Asks for the browsers’ own lists. Default: false.'),
      }),
    ])
    .optional()
    .describe('Strict-Transport-Security on https answers. Default: none.'),
  dns: z.boolean().optional().describe('Publish the hosts by external-dns. Default: as the environment says.'),
  encodedSlash: z
    .enum(['refuse', 'allow'])
    .optional()
    .describe('Whether %2F may stand in the path. Default: refuse (400).'),
  sticky: z
    .strictObject({
      cookie: z
        .string()
        .regex(/^[A-Za-z0-9_-]{1,64}$/, { error: 'a cookie name of at most 64 letters, digits, _ and -' })
        .describe('Name of the cookie that keeps a client with its pod.'),
    })
    .optional()
    .describe('Keep a client with the pod that answered it first.'),
  retries: z
    .strictObject({
      attempts: z.int().min(1).max(10).describe('Tries in all.'),
      initialInterval: duration.optional().describe('Pause before the second try. Default: 100ms.'),
    })
    .optional()
    .describe('Try again when no connection to the app could be made. Default: never.'),
  protection: protection.optional().describe('Who may pass. Default: as the app says, then the environment.'),
} as const;

export const appRoute = z.strictObject({
  ...routeFields,
  to: z
    .union([target, z.array(target).min(1).max(20)])
    .optional()
    .describe('Port of this app by name, or weighted targets. Default: its only port, or http.'),
  redirect: z
    .strictObject({
      to: httpUrl.optional().describe('A whole URL, sent as it is. Alone, or the parts below.'),
      path: urlPath.optional().describe('Another path; the query is kept.'),
      host: exactHost.optional().describe('Another host.'),
      scheme: z.enum(['http', 'https']).optional().describe('Another scheme.'),
      status: z
        .union([z.literal(301), z.literal(302), z.literal(307), z.literal(308)])
        .optional()
        .describe('Default: 308.'),
    })
    .optional()
    .describe('Answer with a redirect instead of asking the app. Default status: 308.'),
});
