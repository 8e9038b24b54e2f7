import { z } from 'zod';
import {
  byteSize,
  cidr,
  duration,
  headerName,
  headerValue,
  host,
  httpUrl,
  label,
  objectName,
  portNumber,
  reason,
  urlPath,
} from './leaf.ts';

/** The HTTP methods a route may name (RFC 9110, and PATCH of RFC 5789). */
export const method = z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export const pathMatch = z.union([
  urlPath,
  z.strictObject({ prefix: urlPath.describe('This path and everything below it, by whole segments.') }),
  z.strictObject({ exact: urlPath.describe('This path and nothing else.') }),
]);

const headerChanges = z.strictObject({
  set: z.record(headerName, headerValue).optional(),
  remove: z.array(headerName).optional(),
});

/** `routing:api-key` is the key `api-key` of the Secret `routing`. */
export const secretKey = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?:[-._a-zA-Z0-9]+$/, { error: 'a Secret and a key in it, as routing:api-key' });

const forwardAuth = z.strictObject({
  app: label.optional().describe('The app that answers. Either app or url.'),
  namespace: label.optional().describe('Its namespace. Default: the app’s own.'),
  port: label.optional().describe('Its port by name. Default: its only port, or http.'),
  url: httpUrl.optional().describe('An answering service outside the model. Either app or url.'),
  path: urlPath.optional().describe('Path asked on the answering app. Default: /.'),
  responseHeaders: z
    .array(headerName)
    .optional()
    .describe('Headers of its 2xx answer that are copied to the request, over anything the client sent.'),
  timeout: duration.optional().describe('No answer in this time is a 5xx. Default: 5s.'),
  signIn: httpUrl.optional().describe('Where a browser is sent on 401. A loss on edges that cannot do it.'),
});

/** Who may pass. Exactly one of these; on a route it stands over the app’s, on an app over the environment’s. */
export const protection = z
  .union([
    z.strictObject({ forwardAuth }),
    z.strictObject({
      apiKey: z
        .strictObject({ secret: secretKey.optional().describe('Default: routing:api-key.') })
        .describe('Header X-ROUTING-API-KEY must be the base64 of the secret.'),
    }),
    z.strictObject({
      bearer: z
        .strictObject({ secret: secretKey.optional().describe('Default: routing:api-key.') })
        .describe('Authorization: Bearer with the secret.'),
    }),
    z.strictObject({
      basicAuth: z.strictObject({
        secret: objectName.describe('A Secret of type kubernetes.io/basic-auth, or with a key users in htpasswd form.'),
        realm: z
          .string()
          .regex(/^[A-Za-z0-9 ._-]{1,64}$/)
          .optional(),
      }),
    }),
    z.strictObject({ open: reason.describe('Why nobody is asked.') }),
  ])
  .describe('Who may pass: forwardAuth, apiKey, bearer, basicAuth, or open with a reason.');

const target = z.union([
  z.union([label, portNumber]),
  z.strictObject({
    app: label.optional().describe('Another app. Default: this one.'),
    port: z.union([label, portNumber]).optional(),
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
    .optional()
    .describe('Host names. None: the default backend, for every host no other route names.'),
  paths: z.array(pathMatch).min(1).optional().describe('Paths; a plain string is a prefix. Default: everything.'),
  methods: z.array(method).min(1).optional().describe('Only these methods.'),
  headers: z
    .record(headerName, headerValue)
    .optional()
    .describe('Only requests with these headers, each with exactly this value.'),
  rewrite: z
    .union([z.strictObject({ stripPrefix: z.literal(true) }), z.strictObject({ replacePrefix: urlPath })])
    .optional()
    .describe('Takes the matched path off, or puts another in its place; told upstream in X-Forwarded-Prefix.'),
  requestHeaders: headerChanges.optional(),
  responseHeaders: headerChanges.optional(),
  cors: z
    .strictObject({
      origins: z.array(z.union([z.literal('*'), z.string().regex(/^https?:\/\/[a-z0-9.-]+(:[0-9]{1,5})?$/)])).min(1),
      methods: z.array(method).optional(),
      headers: z.array(headerName).optional(),
      exposeHeaders: z.array(headerName).optional(),
      credentials: z.boolean().optional(),
      maxAge: duration.optional(),
    })
    .optional(),
  timeouts: z
    .strictObject({
      connect: duration.optional().describe('Default: 5s.'),
      response: duration.optional().describe('Until the first byte of the answer; then 504. Default: 60s.'),
      idle: duration.optional().describe('An idle connection to the app is kept this long. Default: 90s.'),
    })
    .optional(),
  bodyLimit: z
    .union([byteSize, z.literal('none')])
    .optional()
    .describe('A larger request body gets 413. Default: none.'),
  rateLimit: z
    .strictObject({
      requests: z.int().min(1).max(1_000_000),
      per: duration,
      burst: z.int().min(1).max(1_000_000).optional(),
    })
    .optional()
    .describe('By client address; over it 429 (503 on nginx).'),
  allowFrom: z.array(cidr).min(1).optional().describe('Only these client addresses pass; others get 403.'),
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
        maxAge: duration.or(z.string().regex(/^[1-9][0-9]{0,3}d$/)),
        includeSubdomains: z.boolean().optional(),
        preload: z.boolean().optional(),
      }),
    ])
    .optional(),
  dns: z.boolean().optional().describe('Publish the hosts by external-dns. Default: as the environment says.'),
  encodedSlash: z
    .enum(['refuse', 'allow'])
    .optional()
    .describe('Whether %2F may stand in the path. Default: refuse (400).'),
  sticky: z.strictObject({ cookie: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) }).optional(),
  retries: z.strictObject({ attempts: z.int().min(1).max(10), initialInterval: duration.optional() }).optional(),
  protection: protection.optional(),
} as const;

export const appRoute = z.strictObject({
  ...routeFields,
  to: z
    .union([target, z.array(target).min(1)])
    .optional()
    .describe('Port of this app by name, or weighted targets. Default: its only port, or http.'),
  redirect: z
    .strictObject({
      to: httpUrl.optional(),
      path: urlPath.optional(),
      host: host.optional(),
      scheme: z.enum(['http', 'https']).optional(),
      status: z.union([z.literal(301), z.literal(302), z.literal(307), z.literal(308)]).optional(),
    })
    .optional()
    .describe('Answer with a redirect instead of asking the app. Default status: 308.'),
});
