import { closed, kept, keptBy, leftOut, loss, type Verdicts } from '../verdict.ts';

const otherEdge = 'Take the traefik edge, or leave it out.';

/** What tags in a catalog can say, and what stands beside them as objects of Traefik. */
export const catalogVerdicts: Verdicts = {
  'host-before-path': keptBy('404 guards as objects of Traefik, beside the tags'),
  'segment-prefix': kept,
  'refused-paths': keptBy('as on the traefik edge'),
  'fail-closed': keptBy(
    '503 by an object of Traefik one priority below each route, also when the catalog has lost the app',
  ),
  'service-routes': leftOut(
    'Write the tags on that Service yourself, as annotations traefik.io/…, or take the traefik edge.',
  ),
  'forward-auth': keptBy('asked by a program beside Traefik, which makes 500 of all else'),
  'sign-in': keptBy('by the same program'),
  'routing-key': keptBy('the gatekeeper is asked; the key is taken off'),
  'basic-auth': closed(
    'Guard the route by forwardAuth or apiKey: a tag would show the password hashes to all of Consul.',
  ),
  'client-headers': keptBy('`X-Forwarded-Proto` is ws or wss on upgrades'),
  'redirect-status': keptBy('by a program beside Traefik'),
  'body-limit': keptBy('request and response are held first, above 1 MiB on disk'),
  'streaming-with-body-limit': loss(
    'request and response are held until they are complete',
    'Set streaming: false, or leave bodyLimit to the app.',
  ),
  timeouts: loss('the usual timeouts of the edge hold', otherEdge),
  'rate-limit': keptBy('429; each edge node counts for itself'),
  weights: loss('every request goes to the first target', otherEdge),
  sticky: loss('a visitor stays with a node, not with a pod of it', otherEdge),
  'target-in-other-namespace': leftOut('Put the route in the namespace of its target.'),
  'https-upstream': leftOut('Let the app speak http inside the cluster, or take the traefik edge.'),
  'upstream-ca': leftOut('Let the app speak http inside the cluster, or take the traefik edge.'),
  'strip-comma': leftOut('Take the comma out of the path, or take the traefik edge.'),
  'tag-room': leftOut('Set fewer or shorter headers, or take the traefik edge.'),
  grpc: keptBy('where a route streams, answers with a length are passed on each 100 ms'),
  tls: keptBy('the Secret is named by an object of Traefik beside the tags'),
  acme: keptBy('Ingresses of cert-manager with class edgeplane-internal are served'),
  dns: loss(
    'external-dns publishes nothing, because an IngressRoute has no status to tell it an address',
    'Set dnsTarget to a name for the load balancer, or its fixed address, in the environment.',
  ),
  'private-door': leftOut('Take the pods edge with privateDoor, or make the route public.'),
  'unknown-host-close': loss(
    'a host without routes gets 404',
    "Set unknownHost: '404', or take the nginx or pods edge.",
  ),
};
