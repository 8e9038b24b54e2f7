import { z } from 'zod';
import { headerName, headerValue, label, portNumber, reason, urlPath } from './leaf.ts';

const portReference = z.union([label, portNumber]);
const check = z.union([
  z.strictObject({
    http: z.strictObject({
      path: urlPath,
      port: portReference.optional(),
      headers: z.record(headerName, headerValue).optional(),
    }),
  }),
  z.strictObject({ tcp: z.strictObject({ port: portReference.optional() }) }),
  z.strictObject({ grpc: z.strictObject({ port: portReference.optional(), service: z.string().max(253).optional() }) }),
  z.strictObject({ command: z.array(z.string().min(1)).min(1) }),
]);
const timing = z.strictObject({
  initialDelaySeconds: z.int().min(0).max(3600).optional(),
  periodSeconds: z.int().min(1).max(3600).optional(),
  timeoutSeconds: z.int().min(1).max(300).optional(),
  failureThreshold: z.int().min(1).max(1000).optional(),
});

export const probes = z.strictObject({
  readiness: z
    .union([z.strictObject({ check, timing: timing.optional() }), z.strictObject({ none: reason })])
    .describe('When a pod may get requests. Required; `none` needs a reason.'),
  liveness: z.strictObject({ check, timing: timing.optional() }).optional().describe('When a container is restarted.'),
  startup: z
    .strictObject({ check, timing: timing.optional() })
    .optional()
    .describe('Holds the other probes back until it passes once.'),
});
