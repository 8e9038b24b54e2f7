import { z } from 'zod';
import {
  byteSize,
  cpu,
  duration,
  headerName,
  headerValue,
  image,
  label,
  memory,
  objectName,
  portNumber,
  reason,
  urlPath,
} from './leaf.ts';

/** A key of a Secret or ConfigMap. Kubernetes allows letters, digits, `-`, `_`, `.`; we also take the `:` of `routing:api-key` in its own form. */
const dataKey = z
  .string()
  .regex(/^[-._a-zA-Z0-9]{1,253}$/, { error: 'a key of letters, digits, dots, dashes and underscores' });
const envName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'an environment variable name' });
const absolutePath = z
  .string()
  .regex(/^\/[^\0:]*$/, { error: 'an absolute file path without colon' })
  .max(1024);

export const keyReference = z.strictObject({
  name: objectName.describe('Name of the Secret or ConfigMap in the app’s namespace.'),
  key: dataKey.describe('Key in it.'),
});

const envValue = z.union([
  z.string().max(32_768),
  z.strictObject({ secret: keyReference.describe('Value from a Secret.') }),
  z.strictObject({ config: keyReference.describe('Value from a ConfigMap that exists already.') }),
  z.strictObject({
    field: z
      .enum([
        'metadata.name',
        'metadata.namespace',
        'metadata.uid',
        'spec.nodeName',
        'spec.serviceAccountName',
        'status.hostIP',
        'status.podIP',
      ])
      .describe('Value from the pod itself (downward API).'),
  }),
]);

export const env = z.record(envName, envValue).describe('Environment variables by name.');

const file = z.union([
  z.strictObject({ content: z.string().max(1_000_000).describe('Text of the file. A change of it rolls the pods.') }),
  z.strictObject({ secret: keyReference.describe('One key of a Secret, mounted as this file.') }),
  z.strictObject({ config: keyReference.describe('One key of a ConfigMap that exists already.') }),
]);

const volume = z.union([
  z.strictObject({
    empty: z
      .strictObject({ sizeLimit: byteSize, memory: z.boolean().optional() })
      .describe('Scratch space that lives as long as the pod.'),
  }),
  z.strictObject({
    claim: objectName.describe('A PersistentVolumeClaim that exists already.'),
    readOnly: z.boolean().optional(),
  }),
  z.strictObject({ secret: objectName.describe('A whole Secret as a folder.') }),
  z.strictObject({ config: objectName.describe('A whole ConfigMap as a folder.') }),
]);

const port = z.union([
  portNumber,
  z.strictObject({
    port: portNumber.describe('The port the container listens on.'),
    servicePort: portNumber
      .optional()
      .describe('The port of the Service. Default: 80 for the port named http, else the same number.'),
    protocol: z
      .enum(['http', 'h2c', 'https', 'tcp', 'udp'])
      .optional()
      .describe('What is spoken on it: h2c for gRPC without TLS. Default: http.'),
    nodePort: z
      .int()
      .min(30_000)
      .max(32_767)
      .optional()
      .describe('A fixed node port, for Services of type NodePort or LoadBalancer.'),
  }),
]);

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

export const resources = z.strictObject({
  cpu: cpu.optional().describe('CPU requested. Default: 100m.'),
  memory: memory.optional().describe('Memory requested, and the limit: memory is never overcommitted. Default: 128Mi.'),
  cpuLimit: z
    .union([cpu, z.literal('none')])
    .optional()
    .describe('CPU limit. Default: ten times the request, at least 1 core.'),
  ephemeralStorage: memory.optional().describe('Scratch disk requested, and the limit. Default: 128Mi.'),
});

/** One container. The main one takes these fields at the top of the app. */
const containerFields = {
  image: image.describe('Image with a tag other than latest, or with a digest.'),
  command: z.array(z.string()).optional().describe('Replaces the entry point of the image.'),
  args: z.array(z.string()).optional().describe('Arguments of the command.'),
  env: env.optional(),
  resources: resources.optional(),
  mounts: z
    .record(absolutePath, label)
    .optional()
    .describe('Volumes by the path they are mounted at: "/data": "scratch".'),
};

export const sideContainer = z.strictObject({
  name: label,
  ...containerFields,
  ports: z.record(label.max(15), port).optional(),
});

export const securityContext = z.strictObject({
  runAsUser: z.int().min(1).max(2_147_483_647).optional().describe('User id. Default: 65532.'),
  runAsGroup: z.int().min(1).max(2_147_483_647).optional().describe('Group id. Default: the user id.'),
  writableRootFilesystem: reason
    .optional()
    .describe('Why the root file system must be writable. Default: it is read-only.'),
  bindLowPorts: z
    .boolean()
    .optional()
    .describe('Add NET_BIND_SERVICE, the one capability Pod Security restricted allows. Default: false.'),
});

export const workloadFields = {
  workload: z.enum(['Deployment', 'DaemonSet']).optional().describe('Default: Deployment.'),
  ...containerFields,
  ports: z
    .record(label.max(15), port)
    .optional()
    .describe('Ports by name: `http: 8080`. A Service is made when there is one.'),
  replicas: z
    .int()
    .min(0)
    .max(1000)
    .optional()
    .describe('Number of pods of a Deployment. Default: 2. Not together with autoscale.'),
  autoscale: z
    .strictObject({
      min: z.int().min(1).max(1000),
      max: z.int().min(1).max(1000),
      cpuPercent: z.int().min(1).max(100).optional().describe('Target CPU use of the request. Default: 70.'),
      memoryPercent: z.int().min(1).max(100).optional(),
    })
    .optional()
    .describe('HorizontalPodAutoscaler; replicas is then left to it.'),
  files: z.record(absolutePath, file).optional().describe('Files by the path they appear at.'),
  volumes: z.record(label, volume).optional().describe('Volumes by name, mounted by `mounts`.'),
  probes,
  rollout: z
    .strictObject({
      strategy: z.enum(['rolling', 'recreate']).optional().describe('Default: rolling.'),
      maxSurge: z
        .union([z.int().min(0), z.string().regex(/^[0-9]{1,3}%$/)])
        .optional()
        .describe('Default: 1.'),
      maxUnavailable: z
        .union([z.int().min(0), z.string().regex(/^[0-9]{1,3}%$/)])
        .optional()
        .describe('Default: 0; DaemonSet: 1.'),
      minReadySeconds: z.int().min(0).max(3600).optional(),
      drain: duration.optional().describe('How long a pod may keep serving after it is told to stop. Default: 30s.'),
      progressDeadline: duration.optional().describe('Default: 10m.'),
    })
    .optional(),
  disruption: z
    .union([
      z.strictObject({ maxUnavailable: z.union([z.int().min(1), z.string().regex(/^[1-9][0-9]?%$/)]) }),
      z.strictObject({ minAvailable: z.union([z.int().min(1), z.string().regex(/^[1-9][0-9]?%$/)]) }),
      z.strictObject({ none: reason }),
    ])
    .optional()
    .describe('PodDisruptionBudget. Default: at most one pod down at a time, where there are two or more.'),
  placement: z
    .strictObject({
      nodeLabels: z.record(z.string(), z.string()).optional(),
      tolerations: z
        .array(
          z.strictObject({
            key: z.string().min(1),
            value: z.string().optional(),
            effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
          }),
        )
        .optional(),
      spread: z.enum(['hosts', 'zones', 'none']).optional().describe('Default: hosts and zones where possible.'),
      priorityClass: objectName.optional(),
    })
    .optional(),
  initContainers: z.array(sideContainer).optional(),
  sidecars: z.array(sideContainer).optional(),
  security: securityContext.optional(),
  serviceAccount: z
    .strictObject({
      name: objectName.optional(),
      mountToken: reason.optional().describe('Why the pod needs an API token. Default: none is mounted.'),
    })
    .optional(),
  service: z
    .strictObject({
      type: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer', 'Headless']).optional().describe('Default: ClusterIP.'),
      sessionAffinity: z.enum(['None', 'ClientIP']).optional(),
      externalTrafficPolicy: z
        .enum(['Cluster', 'Local'])
        .optional()
        .describe('For NodePort and LoadBalancer. Default: Local, which keeps the client address.'),
      sourceRanges: z.array(z.string()).optional().describe('Who may reach a LoadBalancer Service.'),
      annotations: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
} as const;
