import type { HostMatch } from '../../../components/model/route-match.ts';
import type { EdgeSettings, HostCertificate, Owner, Rejection, Route, RoutingTable } from '../routing-table.ts';
import { certificateFile } from './certificate.ts';
import { createDefinitions, type Definitions } from './definitions.ts';
import { block, type Directive, directive, printDirectives } from './directive.ts';
import { fingerprint, milliseconds } from './encode.ts';
import { httpBlock, type RunFolder } from './http-block.ts';
import { canonicalPath } from './places.ts';
import { markerOf, vouchedOf } from './protection.ts';
import { type Host, headerMap, serverOf, touchedHeaders } from './server.ts';
import { type Fault, hostFaults, refusedTargets, routeFaults } from './validate.ts';

/** A configuration as it is to be written. The same table gives the same bytes, in whatever order its lists are. */
export interface Rendered {
  readonly directives: readonly Directive[];
  /** One character a byte. */
  readonly text: string;
  /** Files it refers to, below the run folder; secret. */
  readonly files: ReadonlyMap<string, string>;
  /** What nginx answers when it serves this configuration: a digest of it. */
  readonly generation: string;
  readonly rejections: readonly Rejection[];
  readonly routes: number;
}

/** Turns a routing table into nginx's configuration. What cannot be rendered is left out and told; never throws. */
export function render(table: RoutingTable, settings: EdgeSettings, run: RunFolder): Rendered {
  const rejections: Rejection[] = [];
  const routes = soundRoutes(table.routes, settings, rejections);
  const definitions = createDefinitions(run.folder);
  const hosts = hostsOf(routes, table, { settings, definitions, rejections });
  const around = { settings, definitions };
  const servers = hosts.map((host) => serverOf(host, around));
  const headers = touchedHeaders(routes);
  const shared = [...definitions.directives(), ...headers.map((name) => headerMap(name, settings))];
  const variables = headers.flatMap((name) => [markerOf(name), vouchedOf(name)]);
  const names = hosts.map(({ match }) => hostText(match));
  const extent = { hosts: names, variables: shared.length };
  const make = (generation: string) => [
    ...mainDirectives(settings, run),
    httpBlock(settings, run, extent, { definitions: shared, servers, generation, variables }),
  ];
  const draft = printDirectives(make(generationMark));
  const generation = fingerprint([draft]);
  const told = rejections.toSorted((a, b) => compareText(rejectionText(a), rejectionText(b)));
  return {
    directives: make(generation),
    text: draft.replace(generationMark, generation),
    files: definitions.files(),
    generation,
    rejections: told,
    routes: routes.length,
  };
}

/** Stands for the digest while that is made: no other token has a tilde between letters. */
const generationMark = 'generation~mark';

function mainDirectives({ workers, workerShutdownMs }: EdgeSettings, run: RunFolder): readonly Directive[] {
  return [
    directive('daemon', 'off'),
    directive('pid', run.pid),
    // Where workers look for the files that end connections.
    directive('working_directory', run.folder),
    directive('error_log', 'stderr', 'warn'),
    directive('pcre_jit', 'on'),
    directive('worker_processes', String(workers)),
    directive('worker_shutdown_timeout', milliseconds(workerShutdownMs)),
    directive('worker_rlimit_nofile', '16384'),
    block('events', [], [directive('worker_connections', '8192')]),
  ];
}

/** The routes without faults, sorted, each claim once: of two equal ones the first by id stays. */
function soundRoutes(routes: readonly Route[], settings: EdgeSettings, rejections: Rejection[]): readonly Route[] {
  const refused = refusedTargets(settings);
  const claimed = new Map<string, Route>();
  for (const route of routes.toSorted((a, b) => compareText(a.id, b.id))) {
    const faults = routeFaults(route, refused);
    const claim = `${hostText(route.host)} ${route.path.kind} ${canonicalPath(route.path)}`;
    const other = claimed.get(claim);
    if (faults.length > 0) reject(rejections, route.owners, faults);
    else if (other === undefined) claimed.set(claim, route);
    else reject(rejections, route.owners, [{ reason: 'PathTaken', message: `${claim} is already ${other.id}'s` }]);
  }
  return [...claimed.keys()].toSorted().flatMap((claim) => claimed.get(claim) ?? []);
}

function reject(rejections: Rejection[], owners: readonly Owner[], faults: readonly Fault[]): void {
  for (const owner of owners) for (const fault of faults) rejections.push({ owner, ...fault });
}

interface HostContext {
  readonly settings: EdgeSettings;
  readonly definitions: Definitions;
  readonly rejections: Rejection[];
}

/** Sorted by name; the host of all others last and always there. */
function hostsOf(routes: readonly Route[], table: RoutingTable, context: HostContext): readonly Host[] {
  const groups = new Map<string, Route[]>();
  for (const route of routes) {
    const key = hostText(route.host);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [route]);
    else group.push(route);
  }
  const secure = context.settings.httpsPort !== null;
  const byDefault = secure ? defaultFile(table, context) : null;
  const certificates = secure ? certificatesOf(table, context, byDefault) : new Map<string, string>();
  const named = [...groups].filter(([key]) => key !== '').toSorted(([a], [b]) => compareText(a, b));
  const hosts = named.flatMap(([, [first, ...others]]): Host[] =>
    first === undefined
      ? []
      : [{ match: first.host, routes: [first, ...others], certificate: certificateFor(first.host, certificates) }],
  );
  return [...hosts, { match: { kind: 'any' }, routes: groups.get('') ?? [], certificate: byDefault }];
}

function defaultFile({ defaultCertificate }: RoutingTable, { definitions }: HostContext): string | null {
  if (defaultCertificate === null) return null;
  const file = certificateFile(defaultCertificate);
  return file.ok ? definitions.file('certificate', file.content) : null;
}

/** The file of each host that has one. Of several for one host the first by owner counts. */
function certificatesOf(
  { certificates }: RoutingTable,
  { definitions, rejections }: HostContext,
  byDefault: string | null,
): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const entry of certificates.toSorted((a, b) => compareText(ownerText(a.owner), ownerText(b.owner)))) {
    const key = hostText(entry.host);
    const file = entryFile(entry);
    if (!file.ok) reject(rejections, [entry.owner], [{ reason: 'InvalidCertificate', message: `${key}: ${file.why}` }]);
    else if (!files.has(key)) {
      const path = file.content === null ? byDefault : definitions.file('certificate', file.content);
      if (path !== null) files.set(key, path);
    }
  }
  return files;
}

function entryFile(entry: HostCertificate) {
  const [fault] = hostFaults(entry.host);
  if (fault !== undefined) return { ok: false, why: fault.message } as const;
  return entry.certificate === 'default' ? ({ ok: true, content: null } as const) : certificateFile(entry.certificate);
}

/** Its own, or that of the wildcard it belongs to. */
function certificateFor(host: HostMatch, files: ReadonlyMap<string, string>): string | null {
  const name = hostText(host);
  const parent = host.kind === 'exact' ? `*${name.slice(name.indexOf('.'))}` : name;
  return files.get(name) ?? files.get(parent) ?? null;
}

/** Empty for the host of all others. */
function hostText(host: HostMatch): string {
  switch (host.kind) {
    case 'exact':
      return host.name;
    case 'wildcard':
      return `*.${host.suffix}`;
    case 'any':
      return '';
    default:
      return host satisfies never;
  }
}

function ownerText({ namespace, kind, name }: Owner): string {
  return `${namespace}/${kind}/${name}`;
}

function rejectionText({ owner, reason, message }: Rejection): string {
  return `${ownerText(owner)} ${reason} ${message}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
