import { z } from 'zod';
import { headerName, headerValue, label, portNumber, reason, urlPath } from './leaf.ts';

const portReference = z.union([label, portNumber]);
/** How a pod is asked whether it works. */
export const check = z.union([
  z.strictObject({
    http: z
      .strictObject({
        path: urlPath,
        port: portReference.optional().describe('By name or number. Default: the only port, or http.'),
        headers: z.record(headerName, headerValue).optional().describe('Headers of the request.'),
      })
      .describe('A GET that must get 2xx or 3xx.'),
  }),
  z.strictObject({
    tcp: z
      .strictObject({ port: portReference.optional().describe('By name or number. Default: the only port, or http.') })
      .describe('A connection that must open.'),
  }),
  z.strictObject({
    grpc: z
      .strictObject({
        port: portReference.optional().describe('By name or number. Default: the only port, or http.'),
        service: z.string().max(253).optional().describe('Name of the service that is asked about.'),
      })
      .describe('The gRPC health protocol.'),
  }),
  z.strictObject({
    command: z.array(z.string().min(1)).min(1).describe('A command in the container that must end with 0.'),
  }),
]);
/** How often and how patiently. */
export const timing = z.strictObject({
  initialDelaySeconds: z.int().min(0).max(3600).optional().describe('Wait before the first. Default: 0.'),
  periodSeconds: z
    .int()
    .min(1)
    .max(3600)
    .optional()
    .describe('Time between two. Default: 10; readiness and startup: 5.'),
  timeoutSeconds: z.int().min(1).max(300).optional().describe('No answer in this time is a failure. Default: 2.'),
  failureThreshold: z.int().min(1).max(1000).optional().describe('So many in a row count. Default: 3; startup: 60.'),
});

export const probes = z.strictObject({
  readiness: z
    .union([
      z.strictObject({
        check: check.describe('How it is asked.'),
        timing: timing.optional().describe('How often and how patiently.'),
      }),
      z.strictObject({ none: reason }),
    ])
    .describe('When a pod may get requests. Required; `none` needs a reason.'),
  liveness: z
    .strictObject({
      check: check.describe('How it is asked.'),
      timing: timing.optional().describe('How often and how patiently.'),
    })
    .optional()
    .describe('When a container is restarted.'),
  startup: z
    .strictObject({
      check: check.describe('How it is asked.'),
      timing: timing.optional().describe('How often and how patiently.'),
    })
    .optional()
    .describe('Holds the other probes back until it passes once.'),
});
