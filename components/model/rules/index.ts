import type { ParsedApp, ParsedEdgeRoutes, ParsedEnvironment } from '../definition.ts';
import type { Finding } from '../finding.ts';
import { availabilityRules } from './availability.ts';
import { containerRules } from './containers.ts';
import { environmentRules } from './environment.ts';
import { caFindings, portRules } from './ports.ts';
import { protectionFindings } from './protection.ts';
import { routeFindings, routeNamesTwice, type WrittenRoute } from './routes.ts';
import type { Rule } from './rule.ts';
import type { RoutePorts } from './targets.ts';

const appRules: readonly Rule<ParsedApp>[] = [
  { reads: ['protection'], check: ({ protection }) => protectionFindings(protection, ['protection']) },
  ...availabilityRules,
  ...portRules,
  ...containerRules,
];

const edgeRoutesRules: readonly Rule<ParsedEdgeRoutes>[] = [
  { reads: ['protection'], check: ({ protection }) => protectionFindings(protection, ['protection']) },
  { reads: ['service'], check: ({ service }) => caFindings(service.ports, ['service', 'ports']) },
];

/** The rules that an app breaks; `known` are findings of its form, and what has one is not judged again. */
export function brokenAppRules(app: ParsedApp, known: readonly Finding[]): readonly Finding[] {
  const ports = wrongFields(known).has('ports') ? undefined : portsOf(app.ports);
  return [...broken(appRules, app, known), ...brokenRoutes(app.routes ?? [], ports, known)];
}

/** As `brokenAppRules`, for routes on a Service that exists already. */
export function brokenEdgeRoutesRules(definition: ParsedEdgeRoutes, known: readonly Finding[]): readonly Finding[] {
  const ports = wrongFields(known).has('service') ? undefined : portsOf(definition.service.ports);
  return [...broken(edgeRoutesRules, definition, known), ...brokenRoutes(definition.routes, ports, known)];
}

/** As `brokenAppRules`, for an environment. */
export function brokenEnvironmentRules(environment: ParsedEnvironment, known: readonly Finding[]): readonly Finding[] {
  return broken(environmentRules, environment, known);
}

function broken<T>(rules: readonly Rule<T>[], value: T, known: readonly Finding[]): readonly Finding[] {
  const wrong = wrongFields(known);
  const found: Finding[] = [];
  for (const { reads, check } of rules)
    if (known.length === 0 || !reads.some((field) => wrong.has(field))) found.push(...check(value));
  return found;
}

/** Routes are judged one by one: a slip in one does not hide what is wrong with the next. */
function brokenRoutes(routes: unknown, ports: RoutePorts | undefined, known: readonly Finding[]): readonly Finding[] {
  const wrong = new Set(known.filter(({ path }) => path[0] === 'routes').map(({ path }) => path[1]));
  if (wrong.has(undefined) || !Array.isArray(routes)) return [];
  const written = routes as readonly WrittenRoute[];
  const single = written.flatMap((route, index) =>
    wrong.has(index) ? [] : routeFindings(route, ['routes', index], ports),
  );
  return wrong.size === 0 ? [...single, ...routeNamesTwice(written)] : single;
}

const none: ReadonlySet<string> = new Set();

/** Fields with a finding; all of them when the finding is about the whole. */
function wrongFields(known: readonly Finding[]): { has(field: string): boolean } {
  if (known.length === 0) return none;
  const whole = known.some(({ path }) => path.length === 0);
  const fields = new Set(known.map(({ path }) => path[0]));
  return { has: (field) => whole || fields.has(field) };
}

function portsOf(ports: ParsedApp['ports'] | ParsedEdgeRoutes['service']['ports']): RoutePorts {
  return Object.fromEntries(
    Object.entries(ports ?? {}).map(([name, port]) => {
      const { port: number, protocol = 'http' } = typeof port === 'number' ? { port } : port;
      return [name, { number, protocol }];
    }),
  );
}
