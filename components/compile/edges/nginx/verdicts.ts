import { closed, differs, kept, keptBy, leftOut, loss, type Verdict, type Verdicts } from '../verdict.ts';

const otherEdge = 'Take the traefik edge, or leave it out.';
const controller = 'Let our controller serve (servedBy: controller), or take the traefik edge.';

/** What no Ingress says, whoever reads it. */
const ofEveryIngress: Verdicts = {
  'method-and-header-match': leftOut(otherEdge),
  'sign-in': loss('a 401 stays a 401', 'Let the auth app send the browser on, or take the traefik edge.'),
  'redirect-parts': leftOut('Write the whole URL as redirect.to, or take the traefik edge.'),
  'header-changes': loss('headers that are set stay as they are, as do those of the answer', 'Let the app do it.'),
  'rate-limit': loss('nobody is limited', otherEdge),
  retries: loss('a request is tried once', 'Leave retries to the caller, or take the traefik edge.'),
  weights: loss('every request goes to the first target', otherEdge),
  'target-in-other-namespace': leftOut('Put the route in the namespace of its target.'),
  'upstream-ca': loss('the certificate of the app is not verified', otherEdge),
  'private-door': leftOut('Take the pods edge with privateDoor, or make the route public.'),
};

/** Our controller on stock nginx. */
export const nginxVerdicts: Verdicts = {
  ...ofEveryIngress,
  'host-before-path': keptBy('one server block a host'),
  'segment-prefix': kept,
  'refused-paths': kept,
  'header-limit': differs('a head that is too large gets 400'),
  'encoded-slash': kept,
  'fail-closed': kept,
  'forward-auth': differs('503 where the answer is none of 2xx, 401 and 403, or there is none'),
  'outside-auth': loss(
    'the route answers 503 to everyone',
    'Ask a Service of the cluster by plain http, as http://SERVICE.NAMESPACE.svc/, or take the traefik edge.',
  ),
  'routing-key': keptBy('the gatekeeper is asked; the key is taken off'),
  'basic-auth': kept,
  'client-headers': kept,
  'identity-headers': kept,
  upgrades: kept,
  rewrite: kept,
  'redirect-status': kept,
  'protected-redirect': kept,
  hsts: kept,
  cors: kept,
  'body-limit': kept,
  'streaming-with-body-limit': kept,
  timeouts: keptBy('in whole seconds, rounded up; idle connections to apps are not kept'),
  'allow-from': kept,
  sticky: kept,
  'path-characters': kept,
  'https-upstream': differs('the certificate of the app is not verified'),
  grpc: loss('HTTP/1.1 is spoken to the app', otherEdge),
  tls: differs('without a default certificate the handshake for a host that has none is refused'),
  acme: keptBy('Ingresses of cert-manager with class edgeplane-nginx are served'),
  'unknown-host-close': kept,
};

/** What Traefik's nginx provider and ingress-nginx both do otherwise. */
const ofOthers: Verdicts = {
  ...ofEveryIngress,
  'basic-auth': closed('Guard the route by forwardAuth or apiKey, or let our controller serve.'),
  'identity-headers': loss('what a client sends under that name reaches the app', controller),
  rewrite: loss('the app gets the whole path', controller),
  'protected-redirect': closed('Make the redirect open, or let our controller serve.'),
  'encoded-slash': loss('%2F is treated as on any other route', controller),
  'path-characters': leftOut('Use letters, digits and ._-/ in the path, or let our controller serve.'),
  'redirect-status': kept,
  'routing-key': differs('the gatekeeper is asked; the key reaches the app too'),
  'allow-from': kept,
  sticky: kept,
  cors: differs(
    'protection by forwardAuth and keys comes after the preflight; without `headers` a usual list is allowed',
  ),
  'https-upstream': differs('the certificate of the app is not verified'),
  'unknown-host-close': loss('a host without routes gets 404', "Set unknownHost: '404', or let our controller serve."),
};

const tlsAnyway: Verdict = differs('a route without TLS is served over https as well, with the default certificate');

/** Traefik's kubernetesIngressNGINX provider on our own Traefik: it has no priorities, so longer rule texts win. */
export const traefikVerdicts: Verdicts = {
  ...ofOthers,
  'host-before-path': loss(
    'what no route of the host takes may reach a route of the wildcard, or one without host',
    controller,
  ),
  'segment-prefix': loss('the prefix takes the request before the exact path', controller),
  'refused-paths': keptBy('a deny router above all routes'),
  'fail-closed': keptBy('a Service without pods is 503, and so is one that is not there'),
  'forward-auth': differs(
    'the answer may take 30 s whatever `timeout` says; every answer but 2xx is passed on as it is, the app is not called',
  ),
  'client-headers': keptBy('`X-Forwarded-Proto` is ws or wss on upgrades'),
  'allow-from': differs(
    'behind PROXY protocol the address it tells is compared, and no header; beside other `trustedProxies` a client that came past none of them gets 403',
  ),
  'allowed-proxy': loss(
    'everybody who comes by that proxy passes',
    'Leave the proxy out of allowFrom or of trustedProxies, or let our controller serve.',
  ),
  upgrades: differs('every route carries WebSocket; any other upgrade gets 400'),
  hsts: loss('no Strict-Transport-Security is sent', controller),
  'body-limit': keptBy('the request is held first'),
  'streaming-with-body-limit': loss(
    'the request is held until it is complete',
    'Set streaming: false, or leave bodyLimit to the app.',
  ),
  timeouts: keptBy('in whole seconds, rounded up; idle connections to apps are kept 60 s'),
  grpc: kept,
  tls: tlsAnyway,
  acme: differs('challenges that no Ingress of cert-manager takes reach the route of the host like any other path'),
};

/** An ingress-nginx that is there already. Its own ConfigMap may change any of this. */
export const ingressNginxVerdicts: Verdicts = {
  ...ofOthers,
  'host-before-path': kept,
  'segment-prefix': kept,
  'header-limit': differs('a head that is too large gets 400'),
  'refused-paths': loss(
    'dot segments and // are resolved before a route is chosen, of the escapes only %00 is refused',
    'Let our controller serve, or judge what apps do with such paths.',
  ),
  'fail-closed': keptBy('503 for a Service without pods or a broken reference'),
  // Its validator refuses such a value and with it the whole Ingress, whose requests a broader route would take.
  'url-characters': closed('Take those characters out of the URL, or let our controller serve.'),
  'redirect-status': keptBy('307 by ingress-nginx 1.12 and later; older ones answer 302'),
  'forward-auth': differs('another answer than 2xx, 401 and 403 is a 500; the time it may take is that of the route'),
  'client-headers': differs('only what its ConfigMap says is taken off'),
  upgrades: differs('every route carries every upgrade'),
  hsts: loss('ingress-nginx sends the Strict-Transport-Security of its ConfigMap', controller),
  'body-limit': kept,
  'streaming-with-body-limit': kept,
  timeouts: keptBy('in whole seconds, rounded up'),
  grpc: keptBy('as gRPC'),
  tls: tlsAnyway,
  acme: keptBy('Ingresses of cert-manager with its class are served'),
};
