import { z } from 'zod';
import {
  authHeaderName,
  cidr,
  cpu,
  day,
  duration,
  exactHost,
  host,
  image,
  label,
  memory,
  objectName,
  portNumber,
  reason,
} from './leaf.ts';
import { annotations, labelValue, metadataKey } from './metadata.ts';
import { protection } from './protection.ts';
import { tls } from './route.ts';

const clientAddress = z.enum(['preserved', 'proxyProtocol']);

const exposure = z.union([
  z.strictObject({
    loadBalancer: z
      .strictObject({
        address: z
          .string()
          .regex(/^[A-Za-z0-9.:-]{1,253}$/, { error: 'an address, or the name it was reserved by' })
          .optional()
          .describe('A static address that was reserved.'),
        clientAddress: clientAddress.describe('How the client address arrives: a property of the load balancer.'),
        sourceRanges: z.array(cidr).optional().describe('Who may connect. Default: everyone.'),
        annotations: annotations
          .optional()
          .describe('On the Service of the edge, as load balancers of clouds want them.'),
      })
      .describe('A Service of type LoadBalancer in front of the edge.'),
  }),
  z.strictObject({
    hostPort: z
      .strictObject({
        http: portNumber.optional().describe('Default: 80.'),
        https: portNumber.optional().describe('Default: 443.'),
      })
      .describe('Ports of the edge nodes, by portmap. Default: 80 and 443.'),
  }),
]);

/** The catalog of the internal edge. */
const catalog = z.strictObject({
  consul: z
    .string()
    .regex(/^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]+\]):[0-9]{1,5}$/, {
      error: 'host and port, as consul-server.consul.svc:8500',
    })
    .describe('Where its HTTP API answers: host:port.'),
  scheme: z.enum(['http', 'https']).optional().describe('How it is spoken to. Default: http.'),
  caSecret: objectName
    .optional()
    .describe('Secret in the edge namespace whose ca.crt its certificate is held against. Default: the usual roots.'),
  tokenSecret: objectName
    .optional()
    .describe(
      'Secret in the edge namespace with an ACL token to write, `publisher`, and one to read, `edge`. Default: consul-tokens.',
    ),
  cluster: label
    .optional()
    .describe('Name of this cluster in the catalog, unlike any other’s. Default: the environment’s.'),
  datacenter: label.optional().describe('Default: the one of the Consul that answers.'),
});

/** Letters that stand as they are in a path of a store. */
const storePrefix = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_/-]*$/, { error: 'letters, digits, _, - and /' });

/** The store of External Secrets that has the routing keys. Configuration of a Pulumi stack may name it too. */
export const secretStoreSchema = z.strictObject({
  name: objectName.describe('Its name.'),
  kind: z.enum(['SecretStore', 'ClusterSecretStore']).optional().describe('Default: ClusterSecretStore.'),
  prefix: storePrefix.optional().describe('Stands before <namespace>/<secret>. Default: nothing.'),
});

const overlays = z.record(z.string(), z.record(z.string(), z.unknown()));

/** A loss the owners of this environment live with, until a day. */
const acceptedLoss = z.strictObject({
  name: z.string().min(1).max(100).describe('Name of the loss, as the error says it.'),
  at: z.string().min(1).max(500).describe('The place, as the error says it.'),
  reason: reason.describe('Why it can be lived with.'),
  until: day.describe('The last day it is accepted.'),
});

/** A place: which edge, how it is exposed, domains, certificates, namespace. */
export const environmentSchema = z
  .strictObject({
    name: label.describe('Name of the environment, and of its stack.'),
    kind: z.enum(['local', 'cloud', 'metal']).optional().describe('Default: cloud.'),
    production: z
      .boolean()
      .optional()
      .describe('Holds it to the rules for production. Default: true for the name production.'),
    edge: z.enum(['traefik', 'gateway', 'nginx', 'pods', 'catalog']).describe('The edge that serves the routes.'),
    existingEdge: z
      .strictObject({
        version: z
          .string()
          .regex(/^v?[0-9]+\.[0-9]+\.[0-9]+$/)
          .describe('Version of the Traefik that is installed.'),
        args: z.array(z.string()).describe('Its static options, as its container gets them.'),
        namespace: label,
        ingressClass: label.optional(),
      })
      .optional()
      .describe('Use an edge that someone else installed; each guarantee it breaks is named.'),
    servedBy: z
      .enum(['controller', 'traefik', 'ingress-nginx'])
      .optional()
      .describe(
        'Edge nginx: who serves its Ingresses, our controller, Traefik’s nginx provider, or an ingress-nginx that is installed. Production names it. Default: controller.',
      ),
    ingressNginx: z
      .strictObject({
        namespace: label.optional().describe('Namespace of its pods. Default: ingress-nginx.'),
        ingressClass: objectName.optional().describe('Its IngressClass. Default: nginx.'),
      })
      .optional()
      .describe('Where the ingress-nginx of servedBy is.'),
    privateDoor: z
      .boolean()
      .optional()
      .describe(
        'Edge pods: a second router beside the public one, inside the cluster only, for routes of audience private. Default: false.',
      ),
    catalog: catalog
      .optional()
      .describe('Edge catalog, and required there: the Consul that its Services are published to and served from.'),
    exposure: exposure.describe('How the edge is reached.'),
    namespace: label.describe('Namespace of apps that name none.'),
    edgeNamespace: label.optional().describe('Default: edgeplane-edge.'),
    edgeNodes: z
      .strictObject({
        label: z
          .strictObject({ key: metadataKey.describe('Its key.'), value: labelValue.describe('Its value.') })
          .optional()
          .describe('Default: role=edge-router.'),
        taint: z
          .strictObject({
            key: metadataKey.describe('Its key.'),
            value: labelValue.describe('Its value.'),
            effect: z.enum(['NoSchedule', 'NoExecute']).describe('Its effect.'),
          })
          .optional()
          .describe('Default: dedicated=edge-router:NoSchedule.'),
        count: z.int().min(1).max(100).optional().describe('Default: 2.'),
      })
      .optional()
      .describe('The nodes the edge runs on.'),
    edgeImage: image
      .optional()
      .describe(
        'Image of the edge. In clouds required, by digest, at or above the safe version. Default: the embedded cluster’s own.',
      ),
    images: z
      .record(z.string().min(1).max(512), z.string().min(1).max(512))
      .optional()
      .describe('Image references replaced in this environment: { "from": "to" }.'),
    edgeResources: z
      .strictObject({
        cpu: cpu.describe('CPU requested.'),
        memory: memory.describe('Memory requested, and the limit.'),
      })
      .optional()
      .describe('Of one edge pod. Default: 250m and 256Mi.'),
    domains: z
      .array(host)
      .optional()
      .describe('Domains that routes may use, with everything below them. Default: any.'),
    sharedHosts: z
      .record(host, z.array(label).min(2))
      .optional()
      .describe('Hosts that several namespaces may route: { "shop.example.org": ["shop", "blog"] }.'),
    unknownHost: z.enum(['404', 'close']).optional().describe('What a host without routes gets. Default: 404.'),
    trustedProxies: z.array(cidr).optional().describe('Senders whose forwarding headers are believed. Default: none.'),
    identityHeaders: z
      .array(authHeaderName)
      .optional()
      .describe('Headers that apps here believe beside those of forward auth; no client may send them. Default: none.'),
    tls: tls.optional().describe('Certificates of routes that name none. Default: off for local, else default.'),
    defaultCertificate: objectName
      .optional()
      .describe('Secret in the edge namespace that holds the default certificate.'),
    acme: z
      .boolean()
      .optional()
      .describe('Keep /.well-known/acme-challenge/ free of our guards and redirects. Default: true.'),
    dns: z.boolean().optional().describe('Publish hosts by external-dns annotations. Default: false.'),
    dnsTarget: exactHost
      .optional()
      .describe('Name that published hosts point to; the load balancer gets it. Default: its fixed address.'),
    protection: protection.optional().describe('For apps and routes that say nothing.'),
    secretStore: secretStoreSchema
      .optional()
      .describe(
        'Store of External Secrets that has the routing keys: an ExternalSecret fetches each. Default: Pulumi or the embedded cluster makes them.',
      ),
    drain: duration.optional().describe('How long the edge keeps serving after it is told to stop. Default: 60s.'),
    networkPolicy: z.boolean().optional().describe('Emit NetworkPolicies from routes and callers. Default: true.'),
    logs: z
      .strictObject({ access: z.boolean().optional().describe('A line for each request. Default: true.') })
      .optional()
      .describe('What the edge logs.'),
    acceptedLosses: z
      .array(acceptedLoss)
      .optional()
      .describe('What this edge cannot keep and the owners live with, each until a day.'),
    today: day.optional().describe('The day expiries are judged by. The shells pass it; definitions leave it out.'),
    overlays: overlays.optional().describe('Changes to apps in this environment, by app name, merged field by field.'),
    configuredOverlays: z
      .array(
        z.strictObject({
          file: z.string().min(1).max(500).describe('The file they stand in.'),
          overlays: overlays.describe('As those of the environment.'),
        }),
      )
      .optional()
      .describe(
        'Overlays over these, from the configuration of Pulumi stacks. The shells pass them; definitions leave them out.',
      ),
  })
  .describe('Environment: a place apps run in.');

export type Environment = z.input<typeof environmentSchema>;
