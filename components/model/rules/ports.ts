import type { ParsedApp } from '../definition.ts';
import { listOf } from '../expected.ts';
import type { Finding } from '../finding.ts';
import type { Path } from '../path.ts';
import { showName } from '../shown.ts';
import { type Rule, unless } from './rule.ts';

type Ports = NonNullable<ParsedApp['ports']>;

/** Ports of the containers and of the Service, and what names them. */
export const portRules: readonly Rule<ParsedApp>[] = [
  { reads: ['ports', 'sidecars'], check: portsTwice },
  { reads: ['ports'], check: servicePortsTwice },
  { reads: ['ports', 'probes'], check: probePorts },
  { reads: ['ports', 'service'], check: serviceType },
  { reads: ['ports'], check: ({ ports }) => caFindings(ports ?? {}, ['ports']) },
];

/** Ports of an app, or of a Service that exists already. */
type WrittenPorts = Readonly<
  Record<string, number | { readonly protocol?: string | undefined; readonly ca?: unknown }>
>;

/** A certificate is looked at where TLS is spoken, and nowhere else. */
export function caFindings(ports: WrittenPorts, path: Path): readonly Finding[] {
  return Object.entries(ports).flatMap(([name, port]) => {
    const fine = typeof port === 'number' || port.ca === undefined || port.protocol === 'https';
    return unless(fine, 'ca-without-https', [...path, name, 'ca'], {
      found: `ca on a port that speaks ${typeof port === 'number' ? 'http' : (port.protocol ?? 'http')}`,
      expected: 'protocol: https beside it',
      fix: 'Write protocol: https, or take ca away.',
    });
  });
}

/** All containers of a pod share one network, and their ports one list of names. */
function portsTwice({ ports, sidecars }: ParsedApp): readonly Finding[] {
  if (sidecars === undefined && atMostOne(ports)) return [];
  const all = [
    ...entries(ports, ['ports']),
    ...(sidecars ?? []).flatMap((sidecar, index) => entries(sidecar.ports, ['sidecars', index, 'ports'])),
  ];
  return all.flatMap((port, index) => {
    const earlier = all.slice(0, index);
    const sameNumber = earlier.find(({ number, transport }) => number === port.number && transport === port.transport);
    const sameName = earlier.find(({ name }) => name === port.name);
    return [
      ...unless(sameNumber === undefined, 'port-twice', port.path, {
        found: `${port.number}, which port ${sameNumber?.name} listens on`,
        expected: 'each container port once in a pod',
        fix: 'Give one of them another number.',
      }),
      ...unless(sameName === undefined, 'port-name-twice', port.path, {
        found: `the name ${showName(port.name)} again`,
        expected: 'each port name once in a pod',
        fix: 'Rename one of them.',
      }),
    ];
  });
}

function servicePortsTwice({ ports }: ParsedApp): readonly Finding[] {
  if (atMostOne(ports)) return [];
  const all = entries(ports, ['ports']);
  return all.flatMap((port, index) => {
    const same = all
      .slice(0, index)
      .find((other) => other.service === port.service && other.transport === port.transport);
    return unless(same === undefined, 'service-port-twice', port.path, {
      found: `Service port ${port.service}, which port ${same?.name} has`,
      expected: 'each Service port once',
      fix: 'Write servicePort on one of them.',
    });
  });
}

/** A port number may be one that no Service shows, as for a health check of its own; a name must be one of the app’s. */
function probePorts({ ports, probes }: ParsedApp): readonly Finding[] {
  const names = Object.keys(ports ?? {});
  return (['readiness', 'liveness', 'startup'] as const).flatMap((kind) => {
    const probe = probes[kind];
    if (probe === undefined || !('check' in probe) || 'command' in probe.check) return [];
    const [how, asked] = Object.entries(probe.check)[0] ?? ['', {}];
    const path: Path = ['probes', kind, 'check', how];
    const { port } = asked as { port?: string | number };
    if (port === undefined) return nothingToAsk(names, path);
    if (typeof port === 'number' || names.includes(port)) return [];
    return unless(false, 'unknown-port', [...path, 'port'], {
      found: showName(port),
      expected: names.length === 0 ? 'a port of this app; it has none' : `one of its ports: ${listOf(names)}`,
      fix: 'Name one of them, or write the number of a port that no Service shows.',
    });
  });
}

function nothingToAsk(names: readonly string[], path: Path): readonly Finding[] {
  if (names.length === 1 || names.includes('http')) return [];
  return unless(false, 'probe-without-port', path, {
    found: names.length === 0 ? 'no port, and the app has none' : `no port, and the app has ${listOf(names)}`,
    expected: 'the port to ask',
    fix: 'Write port, by name or number.',
  });
}

function serviceType({ ports, service }: ParsedApp): readonly Finding[] {
  const { type = 'ClusterIP', externalTrafficPolicy, sourceRanges, sessionAffinity } = service ?? {};
  const outside = type === 'NodePort' || type === 'LoadBalancer';
  const fixed = entries(ports, ['ports']).filter(({ node }) => node !== undefined);
  if (service === undefined && fixed.length === 0) return [];
  return [
    ...fixed.flatMap(({ path, node }) =>
      unless(outside, 'node-port-type', [...path, 'nodePort'], {
        found: `${node} on a Service of type ${type}`,
        expected: 'type NodePort or LoadBalancer',
        fix: 'Set service.type, or remove nodePort.',
      }),
    ),
    ...unless(outside || externalTrafficPolicy === undefined, 'service-type', ['service', 'externalTrafficPolicy'], {
      found: `it on a Service of type ${type}`,
      expected: 'type NodePort or LoadBalancer',
      fix: 'Remove externalTrafficPolicy.',
    }),
    ...unless(type === 'LoadBalancer' || sourceRanges === undefined, 'service-type', ['service', 'sourceRanges'], {
      found: `it on a Service of type ${type}`,
      expected: 'type LoadBalancer',
      fix: 'Remove sourceRanges; for routes write allowFrom.',
    }),
    ...unless(type !== 'Headless' || sessionAffinity !== 'ClientIP', 'service-type', ['service', 'sessionAffinity'], {
      found: '"ClientIP" on a headless Service',
      expected: 'a Service with an address of its own',
      fix: 'Remove sessionAffinity.',
    }),
    ...unless(service === undefined || ports !== undefined, 'service-without-ports', ['service'], {
      found: 'service without ports',
      expected: 'ports, from which the Service is made',
      fix: 'Write ports, or remove service.',
    }),
  ];
}

function atMostOne(ports: Ports | undefined): boolean {
  return ports === undefined || Object.keys(ports).length < 2;
}

function entries(ports: Ports | undefined, path: Path) {
  return Object.entries(ports ?? {}).map(([name, port]) => {
    const written = typeof port === 'number' ? { port } : port;
    const number = written.port;
    const service = written.servicePort ?? (name === 'http' ? 80 : number);
    const transport = written.protocol === 'udp' ? 'UDP' : 'TCP';
    return { name, number, service, transport, node: written.nodePort, path: [...path, name] };
  });
}
