import { z } from 'zod';
import { authHeaderName, duration, httpUrl, label, objectName, reason, serviceUrl, urlPath } from './leaf.ts';

/** `routing:api-key` is the key `api-key` of the Secret `routing`. */
const secretKey = z
  .string()
  .max(507)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?:[-._a-zA-Z0-9]+$/, { error: 'a Secret and a key in it, as routing:api-key' })
  .meta({ examples: ['routing:api-key'] });

const forwardAuth = z.strictObject({
  app: label.optional().describe('The app that answers. Either app or url.'),
  namespace: label.optional().describe('Its namespace. Default: the app’s own.'),
  port: label.optional().describe('Its port by name. Default: its only port, or http.'),
  url: serviceUrl.optional().describe('An answering service outside the model. Either app or url.'),
  path: urlPath.optional().describe('Path asked on the answering app. Default: /.'),
  responseHeaders: z
    .array(authHeaderName)
    .min(1)
    .max(50)
    .optional()
    .describe('Headers of its 2xx answer that are copied to the request, over anything the client sent.'),
  timeout: duration.optional().describe('No answer in this time is a 5xx. Default: 5s.'),
  signIn: httpUrl.optional().describe('Where a browser is sent on 401. A loss on edges that cannot do it.'),
});

/** Who may pass. Exactly one of these; on a route it stands over the app’s, on an app over the environment’s. */
export const protection = z
  .union([
    z.strictObject({ forwardAuth: forwardAuth.describe('An app or URL is asked; 2xx lets the request pass.') }),
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
      basicAuth: z
        .strictObject({
          secret: objectName.describe(
            'A Secret of type kubernetes.io/basic-auth, or with a key users in htpasswd form.',
          ),
          realm: z
            .string()
            .regex(/^[A-Za-z0-9 ._-]{1,64}$/, { error: 'at most 64 letters, digits, spaces and ._-' })
            .optional()
            .describe('Shown by browsers when they ask for the password.'),
        })
        .describe('User name and password, asked by the browser.'),
    }),
    z.strictObject({ open: reason.describe('Why nobody is asked.') }),
  ])
  .describe('Who may pass: forwardAuth, apiKey, bearer, basicAuth, or open with a reason.');
