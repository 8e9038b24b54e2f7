// Long: every field of a workload, as one form.
import { z } from 'zod';
import { byteSize, cidr, cpu, duration, image, label, memory, objectName, portNumber, reason } from './leaf.ts';
import { annotations, labels, labelValue, metadataKey } from './metadata.ts';
import { probes } from './probes.ts';

/** A key of a Secret or ConfigMap. Kubernetes allows letters, digits, `-`, `_`, `.`; we also take the `:` of `routing:api-key` in its own form. */
const dataKey = z
  .string()
  .regex(/^[-._a-zA-Z0-9]{1,253}$/, { error: 'a key of letters, digits, dots, dashes and underscores' });
const envName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'an environment variable name' });
const absolutePath = z
  .string()
  .max(1024)
  .regex(/^\/[^:\p{Cc}]+$/u, { error: 'an absolute file path without colon' })
  .refine((value) => !/(?:^|\/)\.{1,2}(?:\/|$)|\/\//.test(value), { error: 'a file path without "..", "." or "//"' })
  .refine((value) => !/^\/(?:proc|sys|dev)(?:\/|$)|^\/var\/run\/secrets\/kubernetes\.io/.test(value), {
    error: 'a path outside those of the system (/proc, /sys, /dev)',
  });

const keyReference = z.strictObject({
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

const env = z.record(envName, envValue).describe('Environment variables by name.');

const file = z.union([
  z.strictObject({ content: z.string().max(1_000_000).describe('Text of the file. A change of it rolls the pods.') }),
  z.strictObject({ secret: keyReference.describe('One key of a Secret, mounted as this file.') }),
  z.strictObject({ config: keyReference.describe('One key of a ConfigMap that exists already.') }),
]);

const volume = z.union([
  z.strictObject({
    empty: z
      .strictObject({
        sizeLimit: byteSize.describe('At most so much.'),
        memory: z.boolean().optional().describe('In memory, counted against the limit. Default: false.'),
      })
      .describe('Scratch space that lives as long as the pod.'),
  }),
  z.strictObject({
    claim: objectName.describe('A PersistentVolumeClaim that exists already.'),
    readOnly: z.boolean().optional().describe('Default: false.'),
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
    ca: objectName
      .optional()
      .describe('Secret of the namespace whose `ca.crt` signed the certificate of an https port. Default: public CAs.'),
    nodePort: z
      .int()
      .min(30_000)
      .max(32_767)
      .optional()
      .describe('A fixed node port, for Services of type NodePort or LoadBalancer.'),
  }),
]);

const percentage = z.string().regex(/^(?:100|[1-9]?[0-9])%$/, { error: 'a percentage as 25%' });
const resources = z.strictObject({
  cpu: cpu.optional().describe('CPU requested. Default: 100m.'),
  memory: memory.optional().describe('Memory requested, and the limit: memory is never overcommitted. Default: 128Mi.'),
  cpuLimit: z
    .union([cpu, z.literal('none')])
    .optional()
    .describe('CPU limit. Default: ten times the request, at least 1 core.'),
  ephemeralStorage: memory.optional().describe('Scratch disk requested, and the limit. Default: 128Mi.'),
});

const argument = z
  .string()
  .max(32_768)
  .refine((value) => !value.includes('\0'), { error: 'text without NUL' });

/** One container. The main one takes these fields at the top of the app. */
const containerFields = {
  image: image.describe('Image with a tag other than latest, or with a digest.'),
  command: z.array(argument).min(1).max(500).optional().describe('Replaces the entry point of the image.'),
  args: z.array(argument).max(500).optional().describe('Arguments of the command.'),
  env: env.optional(),
  resources: resources.optional().describe('CPU and memory.'),
  mounts: z
    .record(absolutePath, label)
    .optional()
    .describe('Volumes by the path they are mounted at: "/data": "scratch".'),
};

export const sideContainer = z.strictObject({
  name: label.describe('Name of the container.'),
  ...containerFields,
  ports: z.record(label.max(15), port).optional().describe('Ports by name, as those of the app.'),
});

const securityContext = z.strictObject({
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
      min: z.int().min(1).max(1000).describe('Fewest pods.'),
      max: z.int().min(1).max(1000).describe('Most pods.'),
      cpuPercent: z.int().min(1).max(100).optional().describe('Target CPU use of the request. Default: 70.'),
      memoryPercent: z
        .int()
        .min(1)
        .max(100)
        .optional()
        .describe('Target memory use of the request. Default: not looked at.'),
    })
    .optional()
    .describe('HorizontalPodAutoscaler; replicas is then left to it.'),
  files: z.record(absolutePath, file).optional().describe('Files by the path they appear at.'),
  volumes: z.record(label, volume).optional().describe('Volumes by name, mounted by `mounts`.'),
  probes: probes.describe('How to tell that the app works; readiness is required.'),
  rollout: z
    .strictObject({
      strategy: z.enum(['rolling', 'recreate']).optional().describe('Default: rolling.'),
      maxSurge: z
        .union([z.int().min(0).max(1000), percentage])
        .optional()
        .describe('Default: 1.'),
      maxUnavailable: z
        .union([z.int().min(0).max(1000), percentage])
        .optional()
        .describe('Default: 0; DaemonSet: 1.'),
      minReadySeconds: z
        .int()
        .min(0)
        .max(3600)
        .optional()
        .describe('A new pod counts when it was ready so long. Default: 0.'),
      drain: duration.optional().describe('How long a pod may keep serving after it is told to stop. Default: 30s.'),
      progressDeadline: duration.optional().describe('Default: 10m.'),
    })
    .optional()
    .describe('How a new version takes over.'),
  disruption: z
    .union([
      z.strictObject({
        maxUnavailable: z
          .union([z.int().min(1).max(1000), percentage])
          .describe('At most so many pods down at a time.'),
      }),
      z.strictObject({
        minAvailable: z.union([z.int().min(1).max(1000), percentage]).describe('At least so many pods up.'),
      }),
      z.strictObject({ none: reason.describe('Why there is none.') }),
    ])
    .optional()
    .describe('PodDisruptionBudget. Default: at most one pod down at a time, where there are two or more.'),
  placement: z
    .strictObject({
      nodeLabels: labels.optional().describe('Labels a node must have.'),
      tolerations: z
        .array(
          z.strictObject({
            key: metadataKey.describe('Key of the taint.'),
            value: labelValue.optional().describe('Its value. Default: any.'),
            effect: z
              .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
              .optional()
              .describe('Its effect. Default: any.'),
          }),
        )
        .max(50)
        .optional()
        .describe('Taints the app may run beside.'),
      spread: z.enum(['hosts', 'zones', 'none']).optional().describe('Default: hosts and zones where possible.'),
      priorityClass: objectName.optional().describe('A PriorityClass that exists already.'),
    })
    .optional()
    .describe('Which nodes it runs on.'),
  initContainers: z.array(sideContainer).max(20).optional().describe('Run one after another before the app starts.'),
  sidecars: z.array(sideContainer).max(20).optional().describe('Run beside the app.'),
  security: securityContext.optional().describe('The pod’s rights; Pod Security restricted always holds.'),
  serviceAccount: z
    .strictObject({
      name: objectName.optional().describe('One that exists already. Default: one is made.'),
      mountToken: reason.optional().describe('Why the pod needs an API token. Default: none is mounted.'),
    })
    .optional()
    .describe('Default: one of the app’s own, without a token.'),
  service: z
    .strictObject({
      type: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer', 'Headless']).optional().describe('Default: ClusterIP.'),
      sessionAffinity: z
        .enum(['None', 'ClientIP'])
        .optional()
        .describe('ClientIP keeps a client with its pod inside the cluster. Default: None.'),
      externalTrafficPolicy: z
        .enum(['Cluster', 'Local'])
        .optional()
        .describe('For NodePort and LoadBalancer. Default: Local, which keeps the client address.'),
      sourceRanges: z.array(cidr).min(1).max(500).optional().describe('Who may reach a LoadBalancer Service.'),
      annotations: annotations.optional().describe('On the Service alone, as load balancers of clouds want them.'),
    })
    .optional()
    .describe('The Service that is made when there are ports.'),
} as const;
