/**
 * Definitions that must not pass, and the exact text each gets: the texts are the interface of a mistake.
 * Ids in parentheses are rows of the attack list. Long, because it is data.
 */

/** An app without a mistake; each of `badApps` changes some of its fields. */
export const goodApp = {
  apiVersion: 'edgeplane/v1',
  kind: 'App',
  name: 'cart',
  namespace: 'shop',
  image: 'registry.example.org/cart:1.4.2',
  ports: { http: 8080 },
  probes: { readiness: { check: { http: { path: '/healthz' } } } },
};

/** The same as YAML. */
const yamlHead =
  'apiVersion: edgeplane/v1\nkind: App\nname: cart\nnamespace: shop\nimage: registry.example.org/cart:1.4.2\nports: { http: 8080 }\nprobes: { readiness: { check: { tcp: {} } } }\n';

export interface Bad<T> {
  readonly title: string;
  readonly input: T;
  readonly says: readonly string[];
}

export const badApps: readonly Bad<object>[] = [
  {
    title: 'a name in capitals',
    input: { name: 'Cart' },
    says: [
      'app shop/Cart, name: found "Cart", expected lower-case letters, digits and inner dashes, at most 63 characters (RFC 1123). Write "cart".',
    ],
  },
  {
    title: 'a name with an underscore',
    input: { name: 'shopping_cart' },
    says: [
      'app shop/shopping_cart, name: found "shopping_cart", expected lower-case letters, digits and inner dashes, at most 63 characters (RFC 1123). Write "shopping-cart".',
    ],
  },
  {
    title: 'a name longer than its objects allow',
    input: { name: 'ccccccccccccccccccccccccccccccccccccccccccccccccccccc' },
    says: [
      'app shop/ccccccccccccccccccccccccccccccccccccccccccccccccccccc, name: found "ccccccccccccccccccccccccccccccccccccccccccccccccccccc", expected at most 52 characters. Write it as in "cart".',
    ],
  },
  {
    title: 'no image',
    input: { image: undefined },
    says: [
      'app shop/cart, image: found nothing, expected an image reference as registry/name:tag or registry/name@sha256:digest. Add image: image with a tag other than latest, or with a digest.',
    ],
  },
  {
    title: 'an image without tag',
    input: { image: 'cart' },
    says: [
      'app shop/cart, image: found "cart", expected an image with a tag other than latest, or with a digest. Write it as in "registry.example.org/shop/cart:1.4.2".',
    ],
  },
  {
    title: 'an image at latest',
    input: { image: 'registry.example.org/cart:latest' },
    says: [
      'app shop/cart, image: found "registry.example.org/cart:latest", expected an image with a tag other than latest, or with a digest. Write it as in "registry.example.org/shop/cart:1.4.2".',
    ],
  },
  {
    title: 'no probes',
    input: { probes: undefined },
    says: [
      'app shop/cart, probes: found nothing, expected { readiness }. Add probes: how to tell that the app works; readiness is required.',
    ],
  },
  {
    title: 'readiness switched off without a reason',
    input: { probes: { readiness: { none: 'no' } } },
    says: [
      'app shop/cart, probes.readiness.none: found "no", expected a reason of at least 8 characters. Write it as in "public product pages, no account needed".',
    ],
  },
  {
    title: 'a misspelt field',
    input: { imag: 'x' },
    says: ['app shop/cart, imag: found the unknown field "imag", expected a field of the form. Did you mean image?'],
  },
  {
    title: 'a field of another form: port',
    input: { port: 80 },
    says: [
      'app shop/cart, port: found the unknown field "port", expected a field of the form. Write it as ports, by name: ports: { http: 8080 }. A route names a port by `to`.',
    ],
  },
  {
    title: 'a field of another form: spec',
    input: { spec: { replicas: 2 } },
    says: [
      'app shop/cart, spec: found the unknown field "spec", expected a field of the form. Write its fields at the top of the definition; the form has no spec.',
    ],
  },
  {
    title: 'a field of another form: metadata',
    input: { metadata: { name: 'cart' } },
    says: [
      'app shop/cart, metadata: found the unknown field "metadata", expected a field of the form. Write name, namespace, labels and annotations at the top of the definition.',
    ],
  },
  {
    title: 'a field of another form: livenessProbe',
    input: { livenessProbe: { httpGet: { path: '/' } } },
    says: [
      'app shop/cart, livenessProbe: found the unknown field "livenessProbe", expected a field of the form. Write it as probes.liveness.',
    ],
  },
  {
    title: 'a field of another form: resources.limits',
    input: { resources: { limits: { memory: '1Gi' } } },
    says: [
      'app shop/cart, resources.limits: found the unknown field "limits", expected one of cpu, memory, cpuLimit, ephemeralStorage. Write resources.memory (request and limit in one) and resources.cpuLimit.',
    ],
  },
  {
    title: 'a field of another form: containerPort',
    input: { ports: { http: { containerPort: 8080 } } },
    says: [
      'app shop/cart, ports.http.port: found nothing, expected a whole number from 1 to 65535. Add port: the port the container listens on.',
      'app shop/cart, ports.http.containerPort: found the unknown field "containerPort", expected one of port, servicePort, protocol, ca, nodePort. Write it as port, or in short: ports: { http: 8080 }.',
    ],
  },
  {
    title: 'a field of another form: pathType',
    input: { routes: [{ hosts: ['shop.example.org'], paths: ['/a'], pathType: 'Prefix' }] },
    says: [
      'app shop/cart, routes[0].pathType: found the unknown field "pathType", expected a field of the form. Write paths: [{ prefix: "/api" }] or paths: [{ exact: "/api" }].',
    ],
  },
  {
    title: 'a field of another form: serviceName',
    input: { routes: [{ hosts: ['shop.example.org'], serviceName: 'cart' }] },
    says: [
      'app shop/cart, routes[0].serviceName: found the unknown field "serviceName", expected a field of the form. Write `to`: the name of a port of this app, or { app, port } of another.',
    ],
  },
  {
    title: 'a field of another form: host',
    input: { routes: [{ host: 'shop.example.org' }] },
    says: [
      'app shop/cart, routes[0].host: found the unknown field "host", expected a field of the form. Write it as a list: hosts: ["shop.example.org"].',
    ],
  },
  {
    title: 'a field that stands in the wrong place',
    input: { readiness: { none: 'a batch job without requests' } },
    says: [
      'app shop/cart, readiness: found the unknown field "readiness", expected a field of the form. Move it: the form has it as probes.readiness.',
    ],
  },
  {
    title: 'a port as text',
    input: { ports: { http: '8080' } },
    says: [
      'app shop/cart, ports.http: found "8080", expected a whole number from 1 to 65535 or { port }. Write 8080 without quotes.',
    ],
  },
  {
    title: 'a port that does not exist',
    input: { ports: { http: 70000 } },
    says: [
      'app shop/cart, ports.http: found 70000, expected a whole number from 1 to 65535 or { port }. Write it as in 8080.',
    ],
  },
  {
    title: 'a port name that is too long',
    input: { ports: { 'administration-http': 8080 } },
    says: [
      'app shop/cart, ports.administration-http: found the name "administration-http", expected at most 15 characters. Rename it.',
    ],
  },
  {
    title: 'replicas as text',
    input: { replicas: '3' },
    says: ['app shop/cart, replicas: found "3", expected a whole number from 0 to 1000. Write 3 without quotes.'],
  },
  {
    title: 'replicas beside autoscale',
    input: { replicas: 3, autoscale: { min: 2, max: 5 } },
    says: [
      'app shop/cart, replicas: found replicas and autoscale, expected one of them: the autoscaler owns the number of pods. Remove replicas; autoscale.min is the number it starts with.',
    ],
  },
  {
    title: 'autoscale the wrong way round',
    input: { autoscale: { min: 5, max: 2 } },
    says: ['app shop/cart, autoscale: found min 5 above max 2, expected min at most max. Swap them, or raise max.'],
  },
  {
    title: 'autoscale without max',
    input: { autoscale: { min: 2 } },
    says: ['app shop/cart, autoscale.max: found nothing, expected a whole number from 1 to 1000. Add max: most pods.'],
  },
  {
    title: 'replicas on a DaemonSet',
    input: { workload: 'DaemonSet', replicas: 2 },
    says: [
      'app shop/cart, replicas: found replicas on a DaemonSet, expected none: a DaemonSet has one pod on each node. Remove replicas, or make it a Deployment.',
    ],
  },
  {
    title: 'autoscale on a DaemonSet',
    input: { workload: 'DaemonSet', autoscale: { min: 2, max: 5 } },
    says: [
      'app shop/cart, autoscale: found autoscale on a DaemonSet, expected none: a DaemonSet has one pod on each node. Remove autoscale, or make it a Deployment.',
    ],
  },
  {
    title: 'another kind of workload',
    input: { workload: 'StatefulSet' },
    says: [
      'app shop/cart, workload: found "StatefulSet", expected one of "Deployment", "DaemonSet". Write one of "Deployment", "DaemonSet".',
    ],
  },
  {
    title: 'a rollout that can never go on',
    input: { rollout: { maxSurge: 0, maxUnavailable: 0 } },
    says: [
      'app shop/cart, rollout: found maxSurge 0 and maxUnavailable 0, expected one of them above 0, or no pod can ever be replaced. Set maxSurge to 1.',
    ],
  },
  {
    title: 'recreate with surge',
    input: { rollout: { strategy: 'recreate', maxSurge: 1 } },
    says: [
      'app shop/cart, rollout: found "recreate" with maxSurge or maxUnavailable, expected neither: all pods stop before new ones start. Remove maxSurge and maxUnavailable, or take "rolling".',
    ],
  },
  {
    title: 'a budget that holds every node',
    input: { replicas: 2, disruption: { minAvailable: 2 } },
    says: [
      'app shop/cart, disruption.minAvailable: found 2 of 2 pods, expected fewer than the pods there are, or no node can ever be drained. Lower it, or write maxUnavailable: 1.',
    ],
  },
  {
    title: 'a mount without volume',
    input: { mounts: { '/data': 'scratch' } },
    says: [
      'app shop/cart, mounts["/data"]: found "scratch", expected a volume of this app; it has none. Add the volume under volumes, or name one that is there.',
    ],
  },
  {
    title: 'a mount over the system',
    input: { mounts: { '/proc/x': 'scratch' }, volumes: { scratch: { empty: { sizeLimit: '1Mi' } } } },
    says: [
      'app shop/cart, mounts["/proc/x"]: found the name "/proc/x", expected a path outside those of the system (/proc, /sys, /dev). Rename it.',
    ],
  },
  {
    title: 'two ports with one number',
    input: { ports: { http: 8080, metrics: 8080 } },
    says: [
      'app shop/cart, ports.metrics: found 8080, which port http listens on, expected each container port once in a pod. Give one of them another number.',
    ],
  },
  {
    title: 'a sidecar with the name of the app',
    input: { sidecars: [{ name: 'cart', image: 'r/log:1' }] },
    says: [
      'app shop/cart, sidecars[0].name: found "cart", which the app itself has, expected each container name once in a pod. Rename it.',
    ],
  },
  {
    title: 'a node port on a cluster-internal Service',
    input: { ports: { http: { port: 8080, nodePort: 30080 } } },
    says: [
      'app shop/cart, ports.http.nodePort: found 30080 on a Service of type ClusterIP, expected type NodePort or LoadBalancer. Set service.type, or remove nodePort.',
    ],
  },
  {
    title: 'a probe of a port that is not there',
    input: { probes: { readiness: { check: { http: { path: '/healthz', port: 'admin' } } } } },
    says: [
      'app shop/cart, probes.readiness.check.http.port: found "admin", expected one of its ports: http. Name one of them, or write the number of a port that no Service shows.',
    ],
  },
  {
    title: 'two checks in one probe',
    input: { probes: { readiness: { check: { tcp: {}, http: { path: '/' } } } } },
    says: [
      'app shop/cart, probes.readiness.check: found an object with tcp, http, expected exactly one of http, tcp, grpc, command. Keep http or tcp, not both.',
    ],
  },
  {
    title: 'a secret as literal value',
    input: { env: { DATABASE_PASSWORD: 'correct horse battery' } },
    says: [
      'app shop/cart, env.DATABASE_PASSWORD: found a literal string of 21 characters, expected a secret to come from a Secret. Write DATABASE_PASSWORD: { secret: { name, key } }.',
    ],
  },
  {
    title: 'a number as environment variable',
    input: { env: { WORKERS: 4 } },
    says: [
      'app shop/cart, env.WORKERS: found a number, expected a string, { secret }, { config } or { field }. Put it in quotes.',
    ],
  },
  {
    title: 'two sources of one variable',
    input: { env: { MODE: { secret: { name: 'a', key: 'b' }, field: 'metadata.name' } } },
    says: [
      'app shop/cart, env.MODE: found an object with secret, field, expected exactly one of secret, config, field. Keep secret or field, not both.',
    ],
  },
  {
    title: 'Kubernetes habits in env',
    input: { env: { MODE: { valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } } } },
    says: [
      'app shop/cart, env.MODE: found an object with valueFrom, expected exactly one of secret, config, field. Write the source itself: { secret: { name, key } }, { config: { name, key } } or { field }.',
    ],
  },
  {
    title: 'a private key as file',
    input: { files: { '/etc/tls.key': { content: '-----BEGIN RSA PRIVATE KEY-----\nMIIE' } } },
    says: [
      'app shop/cart, files["/etc/tls.key"].content: found a private key, expected a secret to come from a Secret. Write { secret: { name, key } } for this file.',
    ],
  },
  {
    title: 'a label value with a newline (T10)',
    input: { labels: { team: 'a\nb' } },
    says: [
      'app shop/cart, labels.team: found "a\\nb", expected a label value: at most 63 letters, digits, dashes, underscores and dots, a letter or digit at both ends. Write it as in "checkout".',
    ],
  },
  {
    title: 'a label key that is none',
    input: { labels: { 'shop/team/x': 'a' } },
    says: [
      'app shop/cart, labels["shop/team/x"]: found the name "shop/team/x", expected a Kubernetes key: name or domain/name, the name at most 63 letters, digits, dashes, underscores, dots. Rename it.',
    ],
  },
  {
    title: 'an annotation of a dialect (N20)',
    input: { annotations: { 'nginx.ingress.kubernetes.io/configuration-snippet': 'return 200;' } },
    says: [
      'app shop/cart, annotations["nginx.ingress.kubernetes.io/configuration-snippet"]: found the name "nginx.ingress.kubernetes.io/configuration-snippet", expected a key that no edge, certificate or DNS controller acts on; the form has fields for what they do. Rename it.',
    ],
  },
  {
    title: 'ownerReferences (T12)',
    input: { ownerReferences: [{ name: 'x' }] },
    says: [
      'app shop/cart, ownerReferences: found the unknown field "ownerReferences", expected a field of the form. Remove it: it is not the author’s to set.',
    ],
  },
  {
    title: 'finalizers (T12)',
    input: { finalizers: ['x'] },
    says: [
      'app shop/cart, finalizers: found the unknown field "finalizers", expected a field of the form. Remove it: it is not the author’s to set.',
    ],
  },
  {
    title: 'generateName (T12)',
    input: { generateName: 'cart-' },
    says: [
      'app shop/cart, generateName: found the unknown field "generateName", expected a field of the form. Write name: objects have stable names.',
    ],
  },
  {
    title: 'an empty list of hosts',
    input: { routes: [{ hosts: [] }] },
    says: [
      'app shop/cart, routes[0].hosts: found an empty list, expected at least one host, or no hosts field for the default backend. Add an entry, or remove the field.',
    ],
  },
  {
    title: 'a host in capitals',
    input: { routes: [{ hosts: ['Shop.Example.org'] }] },
    says: [
      'app shop/cart, routes[0].hosts[0]: found "Shop.Example.org", expected a host name in lower case without port or trailing dot (RFC 1123); a wildcard only as its whole first label. Write "shop.example.org".',
    ],
  },
  {
    title: 'a host with a port',
    input: { routes: [{ hosts: ['shop.example.org:8443'] }] },
    says: [
      'app shop/cart, routes[0].hosts[0]: found "shop.example.org:8443", expected a host name in lower case without port or trailing dot (RFC 1123); a wildcard only as its whole first label. Write "shop.example.org".',
    ],
  },
  {
    title: 'a URL as host',
    input: { routes: [{ hosts: ['https://shop.example.org/cart'] }] },
    says: [
      'app shop/cart, routes[0].hosts[0]: found "https://shop.example.org/cart", expected a host name in lower case without port or trailing dot (RFC 1123); a wildcard only as its whole first label. Write "shop.example.org".',
    ],
  },
  {
    title: 'a host with a trailing dot (N12)',
    input: { routes: [{ hosts: ['shop.example.org.'] }] },
    says: [
      'app shop/cart, routes[0].hosts[0]: found "shop.example.org.", expected a host name in lower case without port or trailing dot (RFC 1123); a wildcard only as its whole first label. Write "shop.example.org".',
    ],
  },
  {
    title: 'a host in other letters (N12)',
    input: { routes: [{ hosts: ['shop.example。org'] }] },
    says: [
      'app shop/cart, routes[0].hosts[0]: found "shop.example\\u3002org", expected a host name in lower case without port or trailing dot (RFC 1123); a wildcard only as its whole first label. Write it as in "shop.example.org".',
    ],
  },
  {
    title: 'a host with a Kelvin sign (N12)',
    input: { routes: [{ hosts: ['Kart.example.org'] }] },
    says: [
      'app shop/cart, routes[0].hosts[0]: found "\\u212aart.example.org", expected a host name in lower case without port or trailing dot (RFC 1123); a wildcard only as its whole first label. Write it as in "shop.example.org".',
    ],
  },
  {
    title: 'a host with a NUL (N12)',
    input: { routes: [{ hosts: ['shop\u0000.example.org'] }] },
    says: [
      'app shop/cart, routes[0].hosts[0]: found "shop\\u0000.example.org", expected a host name in lower case without port or trailing dot (RFC 1123); a wildcard only as its whole first label. Write it as in "shop.example.org".',
    ],
  },
  {
    title: 'a host of 254 characters (N12)',
    input: {
      routes: [
        {
          hosts: [
            'abcdefghi.abcdefghi.abcdefghi.abcdefghi.abcdefghi.abcdefghi.abcdefghi.abcdefghi.abcdefghi.abcdefghi.abcdefghi.abcdefghi.abcdefghi.abcdefghi.abcdefghi.abcdefghi.abcdefghi.abcdefghi.abcdefghi.abcdefghi.abcdefghi.abcdefghi.abcdefghi.abcdefghi.abcdefghi.abcd',
          ],
        },
      ],
    },
    says: [
      'app shop/cart, routes[0].hosts[0]: found "abcdefghi.abcdefghi.abcdefghi.abcdefghi.abcdefghi.abcdefgh…, expected at most 253 characters. Write it as in "shop.example.org".',
    ],
  },
  {
    title: 'a host that ends its block (N11)',
    input: { routes: [{ hosts: ['a.com;}server{'] }] },
    says: [
      'app shop/cart, routes[0].hosts[0]: found "a.com;}server{", expected a host name in lower case without port or trailing dot (RFC 1123); a wildcard only as its whole first label. Write it as in "shop.example.org".',
    ],
  },
  {
    title: 'two hosts in one (N11)',
    input: { routes: [{ hosts: ['a.com b.com'] }] },
    says: [
      'app shop/cart, routes[0].hosts[0]: found "a.com b.com", expected a host name in lower case without port or trailing dot (RFC 1123); a wildcard only as its whole first label. Write it as in "shop.example.org".',
    ],
  },
  {
    title: 'a regular expression as host (N11)',
    input: { routes: [{ hosts: ['~^.*$'] }] },
    says: [
      'app shop/cart, routes[0].hosts[0]: found "~^.*$", expected a host name in lower case without port or trailing dot (RFC 1123); a wildcard only as its whole first label. Write it as in "shop.example.org".',
    ],
  },
  {
    title: 'an underscore as host (N11)',
    input: { routes: [{ hosts: ['_'] }] },
    says: [
      'app shop/cart, routes[0].hosts[0]: found "_", expected a host name in lower case without port or trailing dot (RFC 1123); a wildcard only as its whole first label. Write it as in "shop.example.org".',
    ],
  },
  {
    title: 'an empty host (N11)',
    input: { routes: [{ hosts: [''] }] },
    says: [
      'app shop/cart, routes[0].hosts[0]: found "", expected a host name in lower case without port or trailing dot (RFC 1123); a wildcard only as its whole first label. Write it as in "shop.example.org".',
    ],
  },
  {
    title: 'a wildcard over a top-level domain (N11)',
    input: { routes: [{ hosts: ['*.com'] }] },
    says: [
      'app shop/cart, routes[0].hosts[0]: found "*.com", expected a wildcard below a domain of at least two labels, as *.example.org. Write it as in "shop.example.org".',
    ],
  },
  {
    title: 'a wildcard over a registry’s domain (N11)',
    input: { routes: [{ hosts: ['*.co.uk'] }] },
    says: [
      'app shop/cart, routes[0].hosts[0]: found "*.co.uk", expected a wildcard below a domain of your own, as *.example.co.uk. Write it as in "shop.example.org".',
    ],
  },
  {
    title: 'a wildcard in the middle',
    input: { routes: [{ hosts: ['shop.*.example.org'] }] },
    says: [
      'app shop/cart, routes[0].hosts[0]: found "shop.*.example.org", expected a host name in lower case without port or trailing dot (RFC 1123); a wildcard only as its whole first label. Write it as in "shop.example.org".',
    ],
  },
  {
    title: 'a path that opens a block (N1)',
    input: { routes: [{ hosts: ['shop.example.org'], paths: ['/a{return\t200\towned;}location\t/zz'] }] },
    says: [
      'app shop/cart, routes[0].paths[0]: found "/a{return\\t200\\towned;}location\\t/zz", expected an absolute path of letters, digits and ._~:@!&()*+,=- without empty segments, escapes or query. Write it as in "/api".',
    ],
  },
  {
    title: 'a path with a new server (N2)',
    input: {
      routes: [{ hosts: ['shop.example.org'], paths: ['/a{}\n}\nserver{listen\t80;server_name\tvictim;location\t/x'] }],
    },
    says: [
      'app shop/cart, routes[0].paths[0]: found "/a{}\\n}\\nserver{listen\\t80;server_name\\tvictim;location\\t/…, expected an absolute path of letters, digits and ._~:@!&()*+,=- without empty segments, escapes or query. Write it as in "/api".',
    ],
  },
  {
    title: 'a path with an alias (N3)',
    input: { routes: [{ hosts: ['shop.example.org'], paths: ['/a{alias\t/etc/;autoindex\ton;}location\t/zz'] }] },
    says: [
      'app shop/cart, routes[0].paths[0]: found "/a{alias\\t/etc/;autoindex\\ton;}location\\t/zz", expected an absolute path of letters, digits and ._~:@!&()*+,=- without empty segments, escapes or query. Write it as in "/api".',
    ],
  },
  {
    title: 'a path that turns into a regular expression (N4)',
    input: { routes: [{ hosts: ['shop.example.org'], paths: ['~.*'] }] },
    says: [
      'app shop/cart, routes[0].paths[0]: found "~.*", expected an absolute path of letters, digits and ._~:@!&()*+,=- without empty segments, escapes or query. Write it as in "/api".',
    ],
  },
  {
    title: 'a path that names a location (N6)',
    input: { routes: [{ hosts: ['shop.example.org'], paths: ['@x'] }] },
    says: [
      'app shop/cart, routes[0].paths[0]: found "@x", expected an absolute path of letters, digits and ._~:@!&()*+,=- without empty segments, escapes or query. Write it as in "/api".',
    ],
  },
  {
    title: 'a path with a quote (N7)',
    input: { routes: [{ hosts: ['shop.example.org'], paths: ['/a"b'] }] },
    says: [
      'app shop/cart, routes[0].paths[0]: found "/a\\"b", expected an absolute path of letters, digits and ._~:@!&()*+,=- without empty segments, escapes or query. Write it as in "/api".',
    ],
  },
  {
    title: 'a path that ends in a backslash (N7)',
    input: { routes: [{ hosts: ['shop.example.org'], paths: ['/a\\'] }] },
    says: [
      'app shop/cart, routes[0].paths[0]: found "/a\\\\", expected an absolute path of letters, digits and ._~:@!&()*+,=- without empty segments, escapes or query. Write it as in "/api".',
    ],
  },
  {
    title: 'a path with a brace (N8)',
    input: { routes: [{ hosts: ['shop.example.org'], paths: ['/a{'] }] },
    says: [
      'app shop/cart, routes[0].paths[0]: found "/a{", expected an absolute path of letters, digits and ._~:@!&()*+,=- without empty segments, escapes or query. Write it as in "/api".',
    ],
  },
  {
    title: 'a path that includes a file (N9)',
    input: { routes: [{ hosts: ['shop.example.org'], paths: ['/x{include\t/etc/passwd;}'] }] },
    says: [
      'app shop/cart, routes[0].paths[0]: found "/x{include\\t/etc/passwd;}", expected an absolute path of letters, digits and ._~:@!&()*+,=- without empty segments, escapes or query. Write it as in "/api".',
    ],
  },
  {
    title: 'a path with a capture and a query (N23)',
    input: { routes: [{ hosts: ['shop.example.org'], paths: ['/a'], rewrite: { replacePrefix: '/$1?x=set' } }] },
    says: [
      'app shop/cart, routes[0].rewrite.replacePrefix: found "/$1?x=set", expected an absolute path of letters, digits and ._~:@!&()*+,=- without empty segments, escapes or query. Write it as in "/api".',
    ],
  },
  {
    title: 'a path as regular expression (N24)',
    input: { routes: [{ hosts: ['shop.example.org'], paths: ['/(a+)+$'] }] },
    says: [
      'app shop/cart, routes[0].paths[0]: found "/(a+)+$", expected an absolute path of letters, digits and ._~:@!&()*+,=- without empty segments, escapes or query. Write it as in "/api".',
    ],
  },
  {
    title: 'a path without slash',
    input: { routes: [{ hosts: ['shop.example.org'], paths: ['cart'] }] },
    says: [
      'app shop/cart, routes[0].paths[0]: found "cart", expected an absolute path of letters, digits and ._~:@!&()*+,=- without empty segments, escapes or query. Write "/cart".',
    ],
  },
  {
    title: 'a path with dot segments',
    input: { routes: [{ hosts: ['shop.example.org'], paths: ['/a/../b'] }] },
    says: [
      'app shop/cart, routes[0].paths[0]: found "/a/../b", expected a path without "." or ".." segments. Write it as in "/api".',
    ],
  },
  {
    title: 'a path with an escape',
    input: { routes: [{ hosts: ['shop.example.org'], paths: ['/a%2Fb'] }] },
    says: [
      'app shop/cart, routes[0].paths[0]: found "/a%2Fb", expected an absolute path of letters, digits and ._~:@!&()*+,=- without empty segments, escapes or query. Write it as in "/api".',
    ],
  },
  {
    title: 'exact and prefix in one',
    input: { routes: [{ hosts: ['shop.example.org'], paths: [{ exact: '/a', prefix: '/b' }] }] },
    says: [
      'app shop/cart, routes[0].paths[0]: found an object with exact, prefix, expected exactly one of prefix, exact. Keep prefix or exact, not both.',
    ],
  },
  {
    title: 'a header name with a line break (N13)',
    input: { routes: [{ hosts: ['shop.example.org'], headers: { 'X-Key: a\r\nY': 'b' } }] },
    says: [
      'app shop/cart, routes[0].headers["X-Key: a\\r\\nY"]: found the name "X-Key: a\\r\\nY", expected an HTTP header name of letters, digits and dashes. Rename it.',
    ],
  },
  {
    title: 'a header name with a space (N13)',
    input: { routes: [{ hosts: ['shop.example.org'], requestHeaders: { set: { 'X Key': 'b' } } }] },
    says: [
      'app shop/cart, routes[0].requestHeaders.set["X Key"]: found the name "X Key", expected an HTTP header name of letters, digits and dashes. Rename it.',
    ],
  },
  {
    title: 'a directive as header name (N13)',
    input: { routes: [{ hosts: ['shop.example.org'], requestHeaders: { set: { proxy_pass: 'b' } } }] },
    says: [
      'app shop/cart, routes[0].requestHeaders.set.proxy_pass: found the name "proxy_pass", expected an HTTP header name of letters, digits and dashes. Rename it.',
    ],
  },
  {
    title: 'a header value that closes a rule (T1)',
    input: { routes: [{ hosts: ['shop.example.org'], headers: { 'X-Tenant': 'v`) || Host(`victim.example' } }] },
    says: [
      'app shop/cart, routes[0].headers.X-Tenant: found a string of 27 characters, expected a value of letters, digits, inner spaces and ._~:/@!&()*+,=-. Write it as in "beta".',
    ],
  },
  {
    title: 'a header of the edge',
    input: { routes: [{ hosts: ['shop.example.org'], requestHeaders: { set: { 'X-Forwarded-For': '10.0.0.1' } } }] },
    says: [
      'app shop/cart, routes[0].requestHeaders.set.X-Forwarded-For: found the name "X-Forwarded-For", expected a header that is not the edge’s own (Host, framing, hop-by-hop, forwarding headers, X-ROUTING-API-KEY). Rename it.',
    ],
  },
  {
    title: 'framing from an auth service',
    input: { protection: { forwardAuth: { app: 'gate', responseHeaders: ['Transfer-Encoding'] } } },
    says: [
      'app shop/cart, protection.forwardAuth.responseHeaders[0]: found "Transfer-Encoding", expected a header that is not the edge’s own (Host, framing, hop-by-hop, client address, X-ROUTING-API-KEY). Write it as in "X-Request-Id".',
    ],
  },
  {
    title: 'Host from an auth service',
    input: { protection: { forwardAuth: { app: 'gate', responseHeaders: ['Host'] } } },
    says: [
      'app shop/cart, protection.forwardAuth.responseHeaders[0]: found "Host", expected a header that is not the edge’s own (Host, framing, hop-by-hop, client address, X-ROUTING-API-KEY). Write it as in "X-Request-Id".',
    ],
  },
  {
    title: 'an auth URL that loads a module (N15)',
    input: { protection: { forwardAuth: { url: 'http://x/#;}}}\nload_module /tmp/x.so;' } } },
    says: [
      'app shop/cart, protection.forwardAuth.url: found "http://x/#;}}}\\nload_module /tmp/x.so;", expected an absolute http or https URL. Write it as in "https://login.example.org/start".',
    ],
  },
  {
    title: 'a CA for a port without TLS',
    input: { ports: { http: { port: 8080, ca: 'internal-ca' } } },
    says: [
      'app shop/cart, ports.http.ca: found ca on a port that speaks http, expected protocol: https beside it. Write protocol: https, or take ca away.',
    ],
  },
  {
    title: 'an auth URL of the machine itself (N25)',
    input: { protection: { forwardAuth: { url: 'http://127.0.0.1:9000/' } } },
    says: [
      'app shop/cart, protection.forwardAuth.url: found "http://127.0.0.1:9000/", expected a URL of a service, not of this machine, a link-local address or the Kubernetes API. Write it as in "https://login.example.org/start".',
    ],
  },
  {
    title: 'an auth URL of the cloud’s metadata (N25)',
    input: { protection: { forwardAuth: { url: 'http://169.254.169.254/latest' } } },
    says: [
      'app shop/cart, protection.forwardAuth.url: found "http://169.254.169.254/latest", expected a URL of a service, not of this machine, a link-local address or the Kubernetes API. Write it as in "https://login.example.org/start".',
    ],
  },
  {
    title: 'an auth URL of the Kubernetes API (N25)',
    input: { protection: { forwardAuth: { url: 'https://kubernetes.default.svc/api' } } },
    says: [
      'app shop/cart, protection.forwardAuth.url: found "https://kubernetes.default.svc/api", expected a URL of a service, not of this machine, a link-local address or the Kubernetes API. Write it as in "https://login.example.org/start".',
    ],
  },
  {
    title: 'an auth URL by a socket (N25)',
    input: { protection: { forwardAuth: { url: 'unix:/run/x' } } },
    says: [
      'app shop/cart, protection.forwardAuth.url: found "unix:/run/x", expected an absolute http or https URL. Write it as in "https://login.example.org/start".',
    ],
  },
  {
    title: 'a password in a URL',
    input: { protection: { forwardAuth: { url: 'https://me:hunter2@auth.example.org/' } } },
    says: [
      'app shop/cart, protection.forwardAuth.url: found "https://***@auth.example.org/", expected a URL without user name and password. Write it as in "https://login.example.org/start".',
    ],
  },
  {
    title: 'forward auth without anyone to ask',
    input: { protection: { forwardAuth: { path: '/auth' } } },
    says: [
      'app shop/cart, protection.forwardAuth: found neither app nor url, expected exactly one of app and url. Name the app that answers, or its URL when it is not defined here.',
    ],
  },
  {
    title: 'forward auth by app and URL',
    input: { protection: { forwardAuth: { app: 'gate', url: 'https://auth.example.org/' } } },
    says: [
      'app shop/cart, protection.forwardAuth: found both app and url, expected exactly one of app and url. Name the app that answers, or its URL when it is not defined here.',
    ],
  },
  {
    title: 'two protections at once',
    input: { protection: { apiKey: {}, open: 'because we can do it' } },
    says: [
      'app shop/cart, protection: found an object with apiKey, open, expected exactly one of forwardAuth, apiKey, bearer, basicAuth, open. Keep apiKey or open, not both.',
    ],
  },
  {
    title: 'a reason that a slash would make long enough',
    input: { protection: { open: 'because' } },
    says: [
      'app shop/cart, protection.open: found "because", expected a reason of at least 8 characters. Write it as in "public product pages, no account needed".',
    ],
  },
  {
    title: 'open without a reason',
    input: { protection: { open: '' } },
    says: [
      'app shop/cart, protection.open: found "", expected a reason of at least 8 characters. Write it as in "public product pages, no account needed".',
    ],
  },
  {
    title: 'a protection that is not offered',
    input: { protection: { oauth: {} } },
    says: [
      'app shop/cart, protection: found an object with oauth, expected exactly one of forwardAuth, apiKey, bearer, basicAuth, open. Write forwardAuth, apiKey, bearer, basicAuth or open.',
    ],
  },
  {
    title: 'an unknown method (N19)',
    input: { routes: [{ hosts: ['shop.example.org'], methods: ['GET;return'] }] },
    says: [
      'app shop/cart, routes[0].methods[0]: found "GET;return", expected one of "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS". Write one of "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS".',
    ],
  },
  {
    title: 'a redirect that goes on (N19)',
    input: { routes: [{ hosts: ['shop.example.org'], redirect: { to: 'https://x;return 200' }, to: undefined }] },
    says: [
      'app shop/cart, routes[0].redirect.to: found "https://x;return 200", expected an absolute http or https URL. Write it as in "https://login.example.org/start".',
    ],
  },
  {
    title: 'a redirect with a target',
    input: { routes: [{ hosts: ['shop.example.org'], redirect: { to: 'https://new.example.org/' }, to: 'http' }] },
    says: [
      'app shop/cart, routes[0].to: found `to` on a redirect, expected no `to`: no app is asked. Remove `to` or `redirect`.',
    ],
  },
  {
    title: 'a redirect to itself',
    input: { routes: [{ hosts: ['shop.example.org'], redirect: {} }] },
    says: [
      'app shop/cart, routes[0].redirect: found a redirect to the same URL, expected either to, or some of scheme, host and path. Write where it leads.',
    ],
  },
  {
    title: 'a rewrite without paths',
    input: { routes: [{ hosts: ['shop.example.org'], rewrite: { stripPrefix: true } }] },
    says: [
      'app shop/cart, routes[0].rewrite: found rewrite on a route without paths, expected paths for the rewrite to take off. Write paths, as paths: ["/api"], or take rewrite away.',
    ],
  },
  {
    title: 'a target that is no port of the app',
    input: { routes: [{ hosts: ['shop.example.org'], to: 'web' }] },
    says: ['app shop/cart, routes[0].to: found "web", expected one of its ports: http. Name one of them.'],
  },
  {
    title: 'a target that speaks no HTTP',
    input: {
      ports: { db: { port: 5432, protocol: 'tcp' } },
      probes: { readiness: { check: { tcp: {} } } },
      routes: [{ hosts: ['shop.example.org'], to: 'db' }],
    },
    says: [
      'app shop/cart, routes[0].to: found port db, which speaks tcp, expected a port that speaks http, h2c or https. Name another port, or set its protocol.',
    ],
  },
  {
    title: 'weights that send nothing anywhere',
    input: {
      routes: [
        {
          hosts: ['shop.example.org'],
          to: [
            { port: 'http', weight: 0 },
            { app: 'cart-next', weight: 0 },
          ],
          sticky: { cookie: 'pod' },
        },
      ],
    },
    says: [
      'app shop/cart, routes[0].to: found weight 0 on every target, expected a weight above 0 on one of them. Give a target a share of the requests.',
    ],
  },
  {
    title: 'cors with credentials for everyone',
    input: { routes: [{ hosts: ['shop.example.org'], cors: { origins: ['*'], credentials: true } }] },
    says: [
      'app shop/cart, routes[0].cors.credentials: found credentials for the origin "*", expected named origins: browsers refuse credentials otherwise. Name the origins, or remove credentials.',
    ],
  },
  {
    title: 'cors without preflights',
    input: {
      routes: [{ hosts: ['shop.example.org'], methods: ['GET'], cors: { origins: ['https://app.example.org'] } }],
    },
    says: [
      'app shop/cart, routes[0].methods: found cors on a route that does not take OPTIONS, expected OPTIONS among its methods: preflights use it. Add OPTIONS.',
    ],
  },
  {
    title: 'an origin with a path',
    input: { routes: [{ hosts: ['shop.example.org'], cors: { origins: ['https://app.example.org/'] } }] },
    says: [
      'app shop/cart, routes[0].cors.origins[0]: found "https://app.example.org/", expected an origin: scheme, host and perhaps port, without path. Write it as in "https://app.example.org".',
    ],
  },
  {
    title: 'hsts for no host',
    input: { routes: [{ hsts: { maxAge: '365d' } }] },
    says: [
      'app shop/cart, routes[0].hsts: found hsts on a route without hosts, expected hosts: it is done for a host by name. Write hosts, or remove hsts.',
    ],
  },
  {
    title: 'an https redirect without TLS',
    input: { routes: [{ hosts: ['shop.example.org'], tls: 'off', httpsRedirect: true }] },
    says: [
      'app shop/cart, routes[0].httpsRedirect: found httpsRedirect on a route with tls "off", expected TLS. Remove httpsRedirect, or give the route a certificate.',
    ],
  },
  {
    title: 'preload that no browser takes',
    input: { routes: [{ hosts: ['shop.example.org'], hsts: { maxAge: '30d', preload: true } }] },
    says: [
      'app shop/cart, routes[0].hsts.preload: found preload with maxAge 30d and without includeSubdomains, expected includeSubdomains and a maxAge of at least 365d. Set both, or remove preload.',
    ],
  },
  {
    title: 'a websocket without GET',
    input: { routes: [{ hosts: ['shop.example.org'], methods: ['POST'], websocket: true }] },
    says: [
      'app shop/cart, routes[0].methods: found websocket on a route that takes POST alone, expected GET among its methods: an upgrade is a GET. Add GET, or remove websocket.',
    ],
  },
  {
    title: 'a size with a tail (N30)',
    input: { routes: [{ hosts: ['shop.example.org'], bodyLimit: '10m;' }] },
    says: [
      'app shop/cart, routes[0].bodyLimit: found "10m;", expected a size: bytes, or with Ki, Mi or Gi. Write it as in "10Mi".',
    ],
  },
  {
    title: 'a size in other units',
    input: { routes: [{ hosts: ['shop.example.org'], bodyLimit: '10MB' }] },
    says: [
      'app shop/cart, routes[0].bodyLimit: found "10MB", expected a size: bytes, or with Ki, Mi or Gi. Write "10Mi".',
    ],
  },
  {
    title: 'a time in days (N30)',
    input: { routes: [{ hosts: ['shop.example.org'], timeouts: { response: '1d' } }] },
    says: [
      'app shop/cart, routes[0].timeouts.response: found "1d", expected a time with its unit: 500ms, 30s, 5m, 1h. Write "24h".',
    ],
  },
  {
    title: 'a time of nothing (N30)',
    input: { routes: [{ hosts: ['shop.example.org'], timeouts: { response: '-1' } }] },
    says: [
      'app shop/cart, routes[0].timeouts.response: found "-1", expected a time with its unit: 500ms, 30s, 5m, 1h. Write it as in "30s".',
    ],
  },
  {
    title: 'a time without unit',
    input: { routes: [{ hosts: ['shop.example.org'], timeouts: { response: 30 } }] },
    says: [
      'app shop/cart, routes[0].timeouts.response: found 30, expected a time with its unit: 500ms, 30s, 5m, 1h. Write "30s".',
    ],
  },
  {
    title: 'an address range that is none',
    input: { routes: [{ hosts: ['shop.example.org'], allowFrom: ['10.0.0.0/33'] }] },
    says: [
      'app shop/cart, routes[0].allowFrom[0]: found "10.0.0.0/33", expected an address range in CIDR form, as 10.0.0.0/8 or fd00::/8. Write it as in "10.0.0.0/8".',
    ],
  },
  {
    title: 'more hosts than an object holds (N27)',
    input: { routes: [{ hosts: Array.from({ length: 5000 }, (_, index) => `h${index}.example.org`) }] },
    says: ['app shop/cart, routes[0].hosts: found a list of 5000, expected at most 50 entries. Split it.'],
  },
  {
    title: 'the same host in two spellings of a list (N29)',
    input: { routes: [{ hosts: ['a.example.org', 'a.example.org'] }] },
    says: [
      'app shop/cart, routes[0].hosts[1]: found a.example.org again, expected each entry once. Remove one of the two.',
    ],
  },
  {
    title: 'one prefix twice',
    input: { routes: [{ hosts: ['shop.example.org'], paths: ['/a', '/a/'] }] },
    says: ['app shop/cart, routes[0].paths[1]: found /a again, expected each entry once. Remove one of the two.'],
  },
  {
    title: 'a priority of one’s own (T4)',
    input: { routes: [{ hosts: ['shop.example.org'], priority: 2147483647 }] },
    says: [
      'app shop/cart, routes[0].priority: found the unknown field "priority", expected a field of the form. Remove it: precedence follows from host, path, methods and headers.',
    ],
  },
  {
    title: 'a mirror target (N17)',
    input: { routes: [{ hosts: ['shop.example.org'], mirror: 'http://x' }] },
    says: [
      'app shop/cart, routes[0].mirror: found the unknown field "mirror", expected a field of the form. Remove it.',
    ],
  },
  {
    title: 'two routes of one name',
    input: {
      routes: [
        { name: 'a', hosts: ['a.example.org'] },
        { name: 'a', hosts: ['b.example.org'] },
      ],
    },
    says: [
      'app shop/cart, routes[1].name: found "a" again, expected each route name once in an app. Rename one of the two.',
    ],
  },
  {
    title: 'several mistakes at once',
    input: {
      image: 'cart',
      ports: { http: '80' },
      routes: [
        { hosts: ['A.example.org'], to: 'web' },
        { hosts: ['b.example.org'], rewrite: { stripPrefix: true } },
      ],
    },
    says: [
      'app shop/cart, image: found "cart", expected an image with a tag other than latest, or with a digest. Write it as in "registry.example.org/shop/cart:1.4.2".',
      'app shop/cart, ports.http: found "80", expected a whole number from 1 to 65535 or { port }. Write 80 without quotes.',
      'app shop/cart, routes[0].hosts[0]: found "A.example.org", expected a host name in lower case without port or trailing dot (RFC 1123); a wildcard only as its whole first label. Write "a.example.org".',
      'app shop/cart, routes[1].rewrite: found rewrite on a route without paths, expected paths for the rewrite to take off. Write paths, as paths: ["/api"], or take rewrite away.',
    ],
  },
];

export const badDefinitions: readonly Bad<unknown>[] = [
  {
    title: 'nothing',
    input: undefined,
    says: [
      'definition 1: found nothing, expected a definition: an object with apiVersion, kind and name. Write one by defineApp, or as YAML.',
    ],
  },
  {
    title: 'a text',
    input: 'cart',
    says: [
      'definition 1: found "cart", expected a definition: an object with apiVersion, kind and name. Write one by defineApp, or as YAML.',
    ],
  },
  {
    title: 'a list',
    input: [],
    says: [
      'definition 1: found an empty list, expected a definition: an object with apiVersion, kind and name. Write one by defineApp, or as YAML.',
    ],
  },
  {
    title: 'another kind of object',
    input: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'cart' } },
    says: [
      'definition 1, kind: found "Deployment", expected App or EdgeRoutes. Write kind: App, or leave this object out of the definitions.',
    ],
  },
  {
    title: 'another version',
    input: {
      apiVersion: 'edgeplane/v2',
      kind: 'App',
      name: 'cart',
      namespace: 'shop',
      image: 'registry.example.org/cart:1.4.2',
      ports: { http: 8080 },
      probes: { readiness: { check: { http: { path: '/healthz' } } } },
    },
    says: ['app shop/cart, apiVersion: found "edgeplane/v2", expected "edgeplane/v1". Write apiVersion: edgeplane/v1.'],
  },
  {
    title: 'a misspelt kind',
    input: {
      apiVersion: 'edgeplane/v1',
      kind: 'app',
      name: 'cart',
      namespace: 'shop',
      image: 'registry.example.org/cart:1.4.2',
      ports: { http: 8080 },
      probes: { readiness: { check: { http: { path: '/healthz' } } } },
    },
    says: ['app shop/cart, kind: found "app", expected App or EdgeRoutes. Write kind: App.'],
  },
  {
    title: 'routes without a Service',
    input: { apiVersion: 'edgeplane/v1', kind: 'EdgeRoutes', name: 'grafana', routes: [{ hosts: ['g.example.org'] }] },
    says: [
      'routes grafana, service: found nothing, expected { name, ports }. Add service: the Service that exists already.',
    ],
  },
  {
    title: 'a port the Service does not have',
    input: {
      apiVersion: 'edgeplane/v1',
      kind: 'EdgeRoutes',
      name: 'grafana',
      service: { name: 'grafana', ports: { web: 3000 } },
      routes: [{ hosts: ['g.example.org'], to: 'http' }],
    },
    says: ['routes grafana, routes[0].to: found "http", expected one of its ports: web. Name one of them.'],
  },
  {
    title: 'a Service by its address (T8)',
    input: {
      apiVersion: 'edgeplane/v1',
      kind: 'EdgeRoutes',
      name: 'grafana',
      service: { name: 'grafana', ports: { web: 3000 }, externalName: '169.254.169.254' },
      routes: [{ hosts: ['g.example.org'] }],
    },
    says: [
      'routes grafana, service.externalName: found the unknown field "externalName", expected one of name, ports. Remove it.',
    ],
  },
];

export const badYaml: readonly Bad<string>[] = [
  {
    title: 'a field twice',
    input: `${yamlHead}replicas: 2
replicas: 3
`,
    says: [
      'app.yaml:9:1: app.yaml: found a field that stands there already, expected each field once. Remove one of the two.',
    ],
  },
  {
    title: 'a tab as indentation',
    input: `${yamlHead}env:
	MODE: fast
`,
    says: ['app.yaml:9:1: app.yaml: found a tab as indentation, expected spaces. Indent with spaces.'],
  },
  {
    title: 'a quote without end',
    input: `${yamlHead}env:
  MODE: "fast
`,
    says: [
      'app.yaml:10:1: app.yaml: found text that is no YAML (missing closing "quote), expected YAML 1.2. Mend the syntax here or just before.',
    ],
  },
  {
    title: 'an alias of nothing',
    input: `${yamlHead}env: *shared
`,
    says: [
      'app.yaml:8:6: app.yaml: found the alias *shared, expected an anchor that stands before it. Write the value out.',
    ],
  },
  {
    title: 'an alias of itself',
    input: 'apiVersion: edgeplane/v1\nkind: App\nname: cart\nenv: &a\n  x: *a\n',
    says: [
      'app.yaml:5:3: app cart, env.x: found an object that contains itself, expected data that ends. Remove the reference back to the outer object.',
      'app.yaml:1:1: app cart, image: found nothing, expected an image reference as registry/name:tag or registry/name@sha256:digest. Add image: image with a tag other than latest, or with a digest.',
      'app.yaml:1:1: app cart, probes: found nothing, expected { readiness }. Add probes: how to tell that the app works; readiness is required.',
    ],
  },
  {
    title: 'aliases of aliases',
    input:
      'a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n',
    says: [
      'app.yaml:1:1: app.yaml: found aliases of aliases, expected aliases that unfold to at most 100 copies. Write the values out.',
    ],
  },
  {
    title: 'brackets without end',
    input: '['.repeat(100_000),
    says: [
      'app.yaml:1:201: app.yaml: found lists or objects nested hundreds deep, expected at most 32 levels. Flatten it.',
    ],
  },
  {
    title: 'a dash in a dash',
    input: '- '.repeat(100_000),
    says: [
      'app.yaml:1:1: app.yaml: found lists or objects nested hundreds deep, expected at most 32 levels. Flatten it.',
    ],
  },
  {
    title: 'bytes that are no UTF-8',
    input: 'name: caf�\n',
    says: ['app.yaml:1:10: app.yaml: found bytes that are no UTF-8, expected text in UTF-8. Save the file in UTF-8.'],
  },
  {
    title: 'a control character',
    input: 'name: "a\u0000b"\n',
    says: ['app.yaml:1:9: app.yaml: found a control character, expected printable text. Remove it.'],
  },
  {
    title: 'a tag',
    input: `${yamlHead}replicas: !!int "2"
env: !env {}
`,
    says: ['app.yaml:9:6: app.yaml: found a tag, expected plain YAML values. Remove the tag.'],
  },
  {
    title: 'a number in octal',
    input: `${yamlHead}replicas: 010
`,
    says: [
      'app.yaml:8:11: app.yaml: found the number "010", expected a plain decimal number, or a string in quotes. Write 10, or quotes around it.',
    ],
  },
  {
    title: 'a number in hexadecimal',
    input:
      'apiVersion: edgeplane/v1\nkind: App\nname: cart\nnamespace: shop\nimage: registry.example.org/cart:1.4.2\nports: { http: 0x1F90 }\nprobes: { readiness: { check: { tcp: {} } } }\n',
    says: [
      'app.yaml:6:16: app.yaml: found the number "0x1F90", expected a plain decimal number, or a string in quotes. Write 8080, or quotes around it.',
    ],
  },
  {
    title: 'a number with exponent',
    input: `${yamlHead}replicas: 1e1
`,
    says: [
      'app.yaml:8:11: app.yaml: found the number "1e1", expected a plain decimal number, or a string in quotes. Write 10, or quotes around it.',
    ],
  },
  {
    title: 'a port in quotes',
    input:
      'apiVersion: edgeplane/v1\nkind: App\nname: cart\nnamespace: shop\nimage: registry.example.org/cart:1.4.2\nports: { http: "8080" }\nprobes: { readiness: { check: { tcp: {} } } }\n',
    says: [
      'app.yaml:6:10: app shop/cart, ports.http: found "8080", expected a whole number from 1 to 65535 or { port }. Write 8080 without quotes.',
    ],
  },
  {
    title: 'yes for true',
    input: `${yamlHead}routes:
  - hosts: [shop.example.org]
    websocket: yes
`,
    says: ['app.yaml:10:5: app shop/cart, routes[0].websocket: found "yes", expected true or false. Write true.'],
  },
  {
    title: 'a version that turned into a number',
    input: `${yamlHead}env:
  VERSION: 1.20
`,
    says: [
      'app.yaml:9:3: app shop/cart, env.VERSION: found a number, expected a string, { secret }, { config } or { field }. Put it in quotes.',
    ],
  },
  {
    title: 'a merge key',
    input: `${yamlHead}base: &base
  MODE: fast
env:
  <<: *base
`,
    says: [
      'app.yaml:11:3: app shop/cart, env["<<"]: found the name "<<", expected an environment variable name. Write the fields out: YAML 1.2 has no merge key.',
      'app.yaml:8:1: app shop/cart, base: found the unknown field "base", expected a field of the form. Remove it.',
    ],
  },
  {
    title: 'another kind',
    input: 'apiVersion: v1\nkind: Service\nmetadata:\n  name: cart\n',
    says: [
      'app.yaml:2:1: app.yaml, kind: found "Service", expected App or EdgeRoutes. Write kind: App, or leave this object out of the definitions.',
    ],
  },
  {
    title: 'text without a definition',
    input: 'just words\n',
    says: [
      'app.yaml:1:1: app.yaml: found "just words", expected a definition: an object with apiVersion, kind and name. Write one by defineApp, or as YAML.',
    ],
  },
  {
    title: 'the second document of three',
    input:
      'apiVersion: edgeplane/v1\nkind: App\nname: cart\nnamespace: shop\nimage: registry.example.org/cart:1.4.2\nports: { http: 8080 }\nprobes: { readiness: { check: { tcp: {} } } }\n---\n# empty\n---\napiVersion: edgeplane/v1\nkind: App\nname: cart\nnamespace: shop\nimage: registry.example.org/cart\nports: { http: 8080 }\nprobes: { readiness: { check: { tcp: {} } } }\n',
    says: [
      'app.yaml:15:1: app shop/cart, image: found "registry.example.org/cart", expected an image with a tag other than latest, or with a digest. Write it as in "registry.example.org/shop/cart:1.4.2".',
    ],
  },
  {
    title: 'a mistake deep in a list',
    input: `${yamlHead}routes:
  - hosts:
      - shop.example.org
      - Blog.example.org
    paths:
      - /ok
      - prefx: /cart
`,
    says: [
      'app.yaml:11:9: app shop/cart, routes[0].hosts[1]: found "Blog.example.org", expected a host name in lower case without port or trailing dot (RFC 1123); a wildcard only as its whole first label. Write "blog.example.org".',
      'app.yaml:14:9: app shop/cart, routes[0].paths[1].prefx: found the unknown field "prefx", expected one of prefix. Did you mean prefix?',
    ],
  },
  {
    title: 'a field that is missing',
    input: `${yamlHead}autoscale:
  min: 2
`,
    says: [
      'app.yaml:8:1: app shop/cart, autoscale.max: found nothing, expected a whole number from 1 to 1000. Add max: most pods.',
    ],
  },
  {
    title: 'a rule over several fields',
    input: `${yamlHead}replicas: 2
autoscale: { min: 2, max: 4 }
`,
    says: [
      'app.yaml:8:1: app shop/cart, replicas: found replicas and autoscale, expected one of them: the autoscaler owns the number of pods. Remove replicas; autoscale.min is the number it starts with.',
    ],
  },
];

export const badEnvironments: readonly Bad<unknown>[] = [
  {
    title: 'nothing',
    input: null,
    says: [
      'environment: found null, expected { name, edge, exposure, namespace }. Write { name, edge, exposure, namespace }.',
    ],
  },
  {
    title: 'an unknown edge',
    input: {
      name: 'production',
      edge: 'haproxy',
      exposure: { loadBalancer: { clientAddress: 'preserved' } },
      namespace: 'shop',
    },
    says: [
      'environment production, edge: found "haproxy", expected one of "traefik", "gateway", "nginx", "pods", "catalog". Write one of "traefik", "gateway", "nginx", "pods", "catalog".',
    ],
  },
  {
    title: 'a misspelt edge',
    input: {
      name: 'production',
      edge: 'treafik',
      exposure: { loadBalancer: { clientAddress: 'preserved' } },
      namespace: 'shop',
    },
    says: [
      'environment production, edge: found "treafik", expected one of "traefik", "gateway", "nginx", "pods", "catalog". Write "traefik".',
    ],
  },
  {
    title: 'two exposures',
    input: {
      name: 'production',
      edge: 'traefik',
      exposure: { loadBalancer: { clientAddress: 'preserved' }, hostPort: {} },
      namespace: 'shop',
    },
    says: [
      'environment production, exposure: found an object with loadBalancer, hostPort, expected exactly one of loadBalancer, hostPort. Keep loadBalancer or hostPort, not both.',
    ],
  },
  {
    title: 'no word on the client address',
    input: { name: 'production', edge: 'traefik', exposure: { loadBalancer: {} }, namespace: 'shop' },
    says: [
      'environment production, exposure.loadBalancer.clientAddress: found nothing, expected one of "preserved", "proxyProtocol". Add clientAddress: how the client address arrives: a property of the load balancer.',
    ],
  },
  {
    title: 'one port for two schemes',
    input: {
      name: 'production',
      edge: 'traefik',
      exposure: { hostPort: { http: 8080, https: 8080 } },
      namespace: 'shop',
    },
    says: [
      'environment production, exposure.hostPort: found port 8080 for http and https, expected two ports. Give https a port of its own.',
    ],
  },
  {
    title: 'trust in everyone',
    input: {
      name: 'production',
      edge: 'traefik',
      exposure: { loadBalancer: { clientAddress: 'preserved' } },
      namespace: 'shop',
      trustedProxies: ['0.0.0.0/0'],
    },
    says: [
      'environment production, trustedProxies[0]: found 0.0.0.0/0, which is every address, expected the addresses of the proxies in front of the edge. Write their ranges: anyone else could say who the client is.',
    ],
  },
  {
    title: 'an installed Traefik under another edge',
    input: {
      name: 'production',
      edge: 'nginx',
      exposure: { loadBalancer: { clientAddress: 'preserved' } },
      namespace: 'shop',
      existingEdge: { version: '3.7.13', args: [], namespace: 'traefik' },
    },
    says: [
      'environment production, existingEdge: found a Traefik that is installed, and edge nginx, expected edge traefik or gateway. Remove existingEdge, or change edge.',
    ],
  },
  {
    title: 'a loss accepted without a reason',
    input: {
      name: 'production',
      edge: 'traefik',
      exposure: { loadBalancer: { clientAddress: 'preserved' } },
      namespace: 'shop',
      acceptedLosses: [
        { name: 'traefik/unknown-host-close', at: 'environment production', reason: '', until: '2027-03-31' },
      ],
    },
    says: [
      'environment production, acceptedLosses[0].reason: found "", expected a reason of at least 8 characters. Write it as in "public product pages, no account needed".',
    ],
  },
  {
    title: 'a loss accepted for ever',
    input: {
      name: 'production',
      edge: 'traefik',
      exposure: { loadBalancer: { clientAddress: 'preserved' } },
      namespace: 'shop',
      acceptedLosses: [
        {
          name: 'traefik/unknown-host-close',
          at: 'environment production',
          reason: 'nobody scans this network',
          until: 'never',
        },
      ],
    },
    says: [
      'environment production, acceptedLosses[0].until: found "never", expected a day as YYYY-MM-DD. Write it as in "2027-03-31".',
    ],
  },
  {
    title: 'a loss accepted twice',
    input: {
      name: 'production',
      edge: 'traefik',
      exposure: { loadBalancer: { clientAddress: 'preserved' } },
      namespace: 'shop',
      acceptedLosses: [
        {
          name: 'traefik/unknown-host-close',
          at: 'environment production',
          reason: 'nobody scans this network',
          until: '2027-03-31',
        },
        {
          name: 'traefik/unknown-host-close',
          at: 'environment production',
          reason: 'nobody scans this network',
          until: '2027-03-31',
        },
      ],
    },
    says: [
      'environment production, acceptedLosses[1]: found traefik/unknown-host-close at environment production again, expected each loss accepted once. Remove one of the two.',
    ],
  },
  {
    title: 'apps beside the edge',
    input: {
      name: 'production',
      edge: 'traefik',
      exposure: { loadBalancer: { clientAddress: 'preserved' } },
      namespace: 'shop',
      edgeNamespace: 'shop',
    },
    says: [
      'environment production, edgeNamespace: found the namespace of the apps, shop, expected a namespace that is the edge’s alone. Remove edgeNamespace, or give the edge another one.',
    ],
  },
  {
    title: 'a misspelt field',
    input: {
      name: 'production',
      edge: 'traefik',
      exposure: { loadBalancer: { clientAddress: 'preserved' } },
      namespace: 'shop',
      domain: ['example.org'],
    },
    says: [
      'environment production, domain: found the unknown field "domain", expected a field of the form. Did you mean domains?',
    ],
  },
  {
    title: 'an annotation of a dialect',
    input: {
      name: 'production',
      edge: 'traefik',
      exposure: {
        loadBalancer: {
          clientAddress: 'preserved',
          annotations: { 'traefik.ingress.kubernetes.io/service.nativelb': 'true' },
        },
      },
      namespace: 'shop',
    },
    says: [
      'environment production, exposure.loadBalancer.annotations["traefik.ingress.kubernetes.io/service.nativelb"]: found the name "traefik.ingress.kubernetes.io/service.nativelb", expected a key that no edge, certificate or DNS controller acts on; the form has fields for what they do. Rename it.',
    ],
  },
  {
    title: 'forward auth without anyone to ask',
    input: {
      name: 'production',
      edge: 'traefik',
      exposure: { loadBalancer: { clientAddress: 'preserved' } },
      namespace: 'shop',
      protection: { forwardAuth: {} },
    },
    says: [
      'environment production, protection.forwardAuth: found neither app nor url, expected exactly one of app and url. Name the app that answers, or its URL when it is not defined here.',
    ],
  },
];
