import type { Path } from '../../model/path.ts';
import type { Problem } from '../../model/problem.ts';
import type { PortPlan } from '../plan.ts';
import { type Definition, quote, type Report, reportOn } from './definition.ts';
import { type PodPorts, podPorts } from './ports.ts';
import { didYouMean } from './suggestion.ts';

/** What others can refer to: an app and its Service. */
export interface Entry {
  readonly definition: Definition;
  readonly report: Report;
  /** The Service's name; there is one when `ports` has any. */
  readonly service: string;
  readonly ports: PodPorts;
}

/** All apps of all namespaces by `namespace/name`. */
export type Directory = ReadonlyMap<string, Entry>;

/** Enters every definition once; a name taken twice is a problem that names both. */
export function directoryOf(definitions: readonly Definition[], problems: Problem[]): Directory {
  const directory = new Map<string, Entry>();
  for (const definition of definitions) {
    const report = reportOn(definition, problems);
    const first = directory.get(definition.key);
    if (first !== undefined) reportTwice(definition, first.definition, report);
    else directory.set(definition.key, entryOf(definition, report));
  }
  return directory;
}

function entryOf(definition: Definition, report: Report): Entry {
  const { parsed, name } = definition;
  if (parsed.kind === 'App') return { definition, report, service: name, ports: podPorts(parsed.value, report) };
  const ports = Object.entries(parsed.value.service.ports).map(([portName, port]): PortPlan => {
    const written = typeof port === 'number' ? { port, protocol: 'http' as const } : port;
    const { port: number, protocol, ca = null } = written as typeof written & { readonly ca?: string };
    return { name: portName, containerPort: number, servicePort: number, protocol, ca, nodePort: null };
  });
  const sorted = ports.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { definition, report, service: parsed.value.service.name, ports: { own: sorted, all: sorted } };
}

function reportTwice(definition: Definition, first: Definition, report: Report): void {
  const where = first.parsed.origin === undefined ? '' : ` in ${first.parsed.origin.file}`;
  report(['name'], 'name-taken', {
    found: `${quote(definition.name)} in namespace ${definition.namespace}, which ${first.parsed.kind} ${first.key}${where} has already`,
    expected: 'each name once in a namespace',
    fix: 'Rename one of the two.',
  });
}

/** The app a reference names; reports and gives null when there is none. */
export function findApp(
  directory: Directory,
  reference: { readonly namespace: string; readonly app: string },
  problem: { readonly report: Report; readonly path: Path },
): Entry | null {
  const found = directory.get(`${reference.namespace}/${reference.app}`);
  if (found !== undefined) return found;
  const here: string[] = [];
  const elsewhere: string[] = [];
  for (const { definition } of directory.values()) {
    if (definition.namespace === reference.namespace) here.push(definition.name);
    else if (definition.name === reference.app) elsewhere.push(definition.namespace);
  }
  const other = elsewhere.length === 0 ? '' : ` Namespace ${elsewhere.toSorted().join(', ')} has one of this name.`;
  problem.report(problem.path, 'unknown-app', {
    found: `${quote(reference.app)}, and namespace ${reference.namespace} has no such app`,
    expected: 'the name of an app that is defined here',
    fix: `Define it or correct the name.${didYouMean(reference.app, here)}${other}`,
  });
  return null;
}
