import { z } from 'zod';
import { label, objectName, portNumber } from './leaf.ts';
import { appRoute, protection, routeFields } from './route.ts';
import { workloadFields } from './workload.ts';

const caller = z.union([label, z.strictObject({ app: label, namespace: label })]);

const identity = {
  name: label.max(52).describe('Name of the app, unique in its namespace.'),
  namespace: label.optional().describe('Default: the environment’s.'),
  labels: z.record(z.string(), z.string()).optional().describe('Extra labels on every object.'),
  annotations: z.record(z.string(), z.string()).optional().describe('Extra annotations on every object.'),
  owner: z.string().max(63).optional().describe('Who answers for it; travels to the objects for policies.'),
  protection: protection.optional(),
} as const;

/** One workload with its ports, routes and protection. */
export const appSchema = z
  .strictObject({
    ...identity,
    ...workloadFields,
    routes: z.array(appRoute).optional(),
    callers: z
      .union([z.literal('any'), z.array(caller)])
      .optional()
      .describe('Apps that may call this one besides the edge. Default: none.'),
    calls: z
      .union([z.literal('any'), z.array(z.union([caller, z.strictObject({ cidr: z.string(), port: portNumber })]))])
      .optional()
      .describe('What this app may call. Default: any.'),
  })
  .describe('App: one workload with its ports, routes and protection.');

/** Routes on a Service that something else made: a StatefulSet, a Helm release. */
export const edgeRoutesSchema = z
  .strictObject({
    ...identity,
    service: z.strictObject({
      name: objectName,
      ports: z
        .record(
          label.max(15),
          z.union([portNumber, z.strictObject({ port: portNumber, protocol: z.enum(['http', 'h2c', 'https']) })]),
        )
        .describe('Its ports by name; the numbers are the Service’s.'),
    }),
    routes: z
      .array(
        z.strictObject({
          ...routeFields,
          to: z.union([label, portNumber]).optional(),
          redirect: appRoute.shape.redirect,
        }),
      )
      .min(1),
  })
  .describe('EdgeRoutes: routes on a Service that exists already.');

/** What an author writes for one app. */
export type App = z.input<typeof appSchema>;
/** What an author writes to put routes on a Service that exists already. */
export type EdgeRoutes = z.input<typeof edgeRoutesSchema>;
export type AppRoute = z.input<typeof appRoute>;
export type Protection = z.input<typeof protection>;
