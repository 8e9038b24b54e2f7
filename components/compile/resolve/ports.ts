import type { ParsedApp } from '../../model/definition.ts';
import type { Path } from '../../model/path.ts';
import { defaults } from '../defaults.ts';
import type { PortPlan } from '../plan.ts';
import { quote, type Report } from './definition.ts';
import { didYouMean, oneOf } from './suggestion.ts';

type ParsedPorts = NonNullable<ParsedApp['ports']>;

/** The ports of one container in the order of their names. */
export function containerPorts(ports: ParsedPorts | undefined, headless: boolean): readonly PortPlan[] {
  if (ports === undefined) return [];
  const plans = Object.entries(ports).map(([name, port]) => portPlan(name, port, headless));
  return plans.length === 1 ? plans : plans.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function portPlan(name: string, port: ParsedPorts[string], headless: boolean): PortPlan {
  const written = typeof port === 'number' ? { port } : port;
  const natural = name === 'http' && !headless ? defaults.httpServicePort : written.port;
  return {
    name,
    containerPort: written.port,
    servicePort: written.servicePort ?? natural,
    protocol: written.protocol ?? 'http',
    ca: written.ca ?? null,
    nodePort: written.nodePort ?? null,
  };
}

/** The ports of a pod, or of a Service that exists already. */
export interface PodPorts {
  /** Of the app's own container: what is meant when nothing is named. */
  readonly own: readonly PortPlan[];
  /** Those of its sidecars too; they share one network and one Service. */
  readonly all: readonly PortPlan[];
}

/** All ports of an app. */
export function podPorts(app: ParsedApp, report: Report): PodPorts {
  const headless = app.service?.type === 'Headless';
  const all: { readonly plan: PortPlan; readonly path: Path }[] = [];
  const own = containerPorts(app.ports, headless);
  for (const plan of own) all.push({ plan, path: ['ports', plan.name] });
  for (const [index, sidecar] of (app.sidecars ?? []).entries())
    for (const plan of containerPorts(sidecar.ports, headless))
      all.push({ plan, path: ['sidecars', index, 'ports', plan.name] });
  if (all.length > 1) reportRepeats(all, report);
  if (headless) for (const { plan, path } of all) reportHeadless(plan, path, report);
  return { own, all: all.map(({ plan }) => plan) };
}

/** A sidecar's port may collide in the Service with one of another container. */
function reportRepeats(all: readonly { readonly plan: PortPlan; readonly path: Path }[], report: Report): void {
  const seen = new Map<string, string>();
  for (const { plan, path } of all) {
    const key = `${plan.servicePort}/${plan.protocol === 'udp' ? 'UDP' : 'TCP'}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, plan.name);
    else
      report(path, 'service-port-twice', {
        found: `Service port ${key}, which port "${first}" has`,
        expected: 'each Service port once',
        fix: 'Write servicePort on one of them.',
      });
  }
}

function reportHeadless(plan: PortPlan, path: Path, report: Report): void {
  if (plan.servicePort !== plan.containerPort)
    report([...path, 'servicePort'], 'headless-port', {
      found: `service port ${plan.servicePort} for container port ${plan.containerPort}`,
      expected: 'the same number: nothing translates ports of a headless Service',
      fix: 'Take servicePort away.',
    });
}

/** What a reference to a port wants: one that requests can be routed to, or any. */
export type PortUse = 'http' | 'any';

/**
 * A port by name or container port; when nothing is named, the app's only one, else `http`.
 * Reports and gives null when there is none such.
 */
export function findPort(
  { own, all }: PodPorts,
  reference: string | number | undefined,
  use: PortUse,
  problem: { readonly report: Report; readonly path: Path; readonly of: string },
): PortPlan | null {
  const found = reference === undefined ? onlyOrHttp(own) : named(all, reference);
  if (found === undefined) reportUnknown(all, reference, problem);
  else if (use === 'http' && (found.protocol === 'tcp' || found.protocol === 'udp'))
    problem.report(problem.path, 'port-protocol', {
      found: `port "${found.name}" of ${problem.of}, which speaks ${found.protocol}`,
      expected: 'a port that speaks http, h2c or https',
      fix: 'Route to another port, or correct its protocol.',
    });
  else return found;
  return null;
}

function onlyOrHttp(ports: readonly PortPlan[]): PortPlan | undefined {
  return ports.length === 1 ? ports[0] : ports.find(({ name }) => name === 'http');
}

function named(ports: readonly PortPlan[], reference: string | number): PortPlan | undefined {
  return ports.find(({ name, containerPort }) => name === reference || containerPort === reference);
}

function reportUnknown(
  ports: readonly PortPlan[],
  reference: string | number | undefined,
  { report, path, of }: { readonly report: Report; readonly path: Path; readonly of: string },
): void {
  const names = ports.map(({ name }) => name);
  const expected = `a port of ${of}: ${oneOf(names)}`;
  if (reference !== undefined)
    report(path, 'unknown-port', {
      found: quote(reference),
      expected,
      fix: `Name a port that is declared.${didYouMean(String(reference), names)}`,
    });
  else if (ports.length === 0)
    report(path, 'no-port', {
      found: `no port in ${of}`,
      expected: 'at least one declared port',
      fix: 'Declare one, as ports: { http: 8080 }.',
    });
  else
    report(path, 'ambiguous-port', {
      found: `no port named here, and ${of} has several, none of them "http"`,
      expected,
      fix: 'Name the port.',
    });
}
