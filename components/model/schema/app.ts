import { z } from 'zod';
import { cidr, label, objectName, portNumber } from './leaf.ts';
import { annotations, labels } from './metadata.ts';
import { protection } from './protection.ts';
import { appRoute, routeFields } from './route.ts';
import { workloadFields } from './workload.ts';

const caller = z.union([
  label,
  z.strictObject({ app: label.describe('Name of the app.'), namespace: label.describe('Its namespace.') }),
]);

const identity = {
  name: label.max(52).describe('Name of the app, unique in its namespace.'),
  namespace: label.optional().describe('Default: the environment’s.'),
  labels: labels.optional().describe('Extra labels on every object.'),
  annotations: annotations.optional().describe('Extra annotations on every object.'),
  owner: z
    .string()
    .max(63)
    .regex(/^[!-~](?:[ -~]*[!-~])?$/, { error: 'a team or person, in visible ASCII' })
    .optional()
    .describe('Who answers for it; travels to the objects for policies.'),
  protection: protection
    .optional()
    .describe('Who may pass on routes that say nothing. Default: as the environment says.'),
} as const;

/** One workload with its ports, routes and protection. */
export const appSchema = z
  .strictObject({
    ...identity,
    ...workloadFields,
    routes: z.array(appRoute).max(200).optional().describe('What reaches the app from outside, and how.'),
    callers: z
      .union([z.literal('any'), z.array(caller)])
      .optional()
      .describe('Apps that may call this one besides the edge. Default: none.'),
    calls: z
      .union([
        z.literal('any'),
        z.array(
          z.union([
            caller,
            z.strictObject({
              cidr: cidr.describe('Addresses outside the cluster.'),
              port: portNumber.describe('Their port.'),
            }),
          ]),
        ),
      ])
      .optional()
      .describe('What this app may call. Default: any.'),
  })
  .describe('App: one workload with its ports, routes and protection.');

/** Routes on a Service that something else made: a StatefulSet, a Helm release. */
export const edgeRoutesSchema = z
  .strictObject({
    ...identity,
    service: z
      .strictObject({
        name: objectName.describe('Name of the Service, in the same namespace.'),
        ports: z
          .record(
            label.max(15),
            z.union([
              portNumber,
              z.strictObject({
                port: portNumber.describe('Its number.'),
                protocol: z.enum(['http', 'h2c', 'https']).describe('What is spoken on it.'),
                ca: objectName
                  .optional()
                  .describe(
                    'Secret of the namespace whose `ca.crt` signed the certificate of an https port. Default: public CAs.',
                  ),
              }),
            ]),
          )
          .describe('Its ports by name; the numbers are the Service’s.'),
      })
      .describe('The Service that exists already.'),
    routes: z
      .array(
        z.strictObject({
          ...routeFields,
          to: z
            .union([label, portNumber])
            .optional()
            .describe('Port of the Service by name. Default: its only port, or http.'),
          redirect: appRoute.shape.redirect,
        }),
      )
      .min(1)
      .max(200)
      .describe('What reaches the Service from outside, and how.'),
  })
  .describe('EdgeRoutes: routes on a Service that exists already.');

/** What an author writes for one app. */
export type App = z.input<typeof appSchema>;
/** What an author writes to put routes on a Service that exists already. */
export type EdgeRoutes = z.input<typeof edgeRoutesSchema>;
export type Protection = z.input<typeof protection>;
