import { show } from '../model/shown.ts';
import { type Leaf, readRoutingHost, readRoutingPath, readRoutingPort } from './routing-grammar.ts';

/** The annotations by which a pod asks one router for routes, and the Secret that router asks its callers for. */
export interface RoutingNames {
  /** Hosts, separated by single spaces. */
  readonly hosts: string;
  /** `PORT:PATH` items, separated by single spaces; every path is served on every host. */
  readonly paths: string;
  /** `required`: no route of this pod without the key of its namespace. */
  readonly apiKey: string;
  /** Secret in the pod's namespace whose base64 callers show in `X-ROUTING-API-KEY`. */
  readonly secret: { readonly name: string; readonly key: string };
}

/** Which router a route is for: the only one, or one of a public and a private one side by side. */
export type RoutingSide = 'routing' | 'public' | 'private';

/** The names that the routers are set up with, unless somebody configures others. */
export const routingNames: Readonly<Record<RoutingSide, RoutingNames>> = {
  routing: names('routing', 'api-key'),
  public: names('public', 'public-api-key'),
  private: names('private', 'private-api-key'),
};

function names(side: RoutingSide, key: string): RoutingNames {
  const secret = { name: 'routing', key };
  return { hosts: `${side}Hosts`, paths: `${side}Paths`, apiKey: `${side}ApiKey`, secret };
}

/** The label that marks a pod as routable, and its value. */
export const routableLabel = { name: 'routable', value: 'true' } as const;

/** The header that carries the key; an app never gets it. */
export const routingKeyHeader = 'X-ROUTING-API-KEY';

/** What one annotation asks for. Wrong items are told and left out; the others stand. */
export interface Read<T> {
  /** Without repetitions, in the annotation's order. */
  readonly items: readonly T[];
  readonly problems: readonly ItemProblem[];
}

/** One item of an annotation that asks for nothing we can serve. */
export interface ItemProblem {
  /** The item as it stands there, quoted and shortened. */
  readonly found: string;
  readonly expected: string;
}

/** A container port and the path it serves. */
export interface PortPath {
  readonly port: number;
  /** Canonical, see `readRoutingPath`. */
  readonly path: string;
}

/** The same as an annotation has it. */
export interface WrittenPortPath extends PortPath {
  /** The path with the slash its author ended it by: it counts where paths are compared by characters. */
  readonly written: string;
}

/** Reads a hosts annotation. Only the single space separates; two in a row have an empty item between them. */
export function readHosts(annotation: string): Read<string> {
  return readItems(annotation, readRoutingHost, (host) => host);
}

/**
 * Reads a paths annotation.
 * @param declared the ports that the pod's containers declare; a path on any other port is a problem.
 */
export function readPaths(annotation: string, declared: ReadonlySet<number>): Read<WrittenPortPath> {
  return readItems(
    annotation,
    (item) => readPortPath(item, declared),
    ({ port, written }) => `${port}:${written}`,
  );
}

/** Whether a pod demands a key. A word nobody knows was meant as some protection: it demands one, and is told. */
export function readDemand(annotation: string | undefined): {
  readonly demanded: boolean;
  readonly problems: readonly ItemProblem[];
} {
  if (annotation === undefined) return { demanded: false, problems: [] };
  if (annotation === demandWord) return { demanded: true, problems: [] };
  return { demanded: true, problems: [{ found: show(annotation, []), expected: `"${demandWord}"` }] };
}

/** The one value of the annotation that demands a key. */
export const demandWord = 'required';

type ItemResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly expected: string };

function readItems<T>(annotation: string, read: (item: string) => ItemResult<T>, key: (item: T) => string): Read<T> {
  const items = new Map<string, T>();
  const problems: ItemProblem[] = [];
  for (const item of annotation.split(' ')) {
    const result = read(item);
    if (!result.ok) problems.push({ found: show(item, []), expected: result.expected });
    else if (!items.has(key(result.value))) items.set(key(result.value), result.value);
  }
  return { items: [...items.values()], problems };
}

function readPortPath(item: string, declared: ReadonlySet<number>): ItemResult<WrittenPortPath> {
  const [portText = '', pathText = '', ...rest] = item.split(':');
  if (!item.includes(':') || rest.length > 0) return { ok: false, expected: 'PORT:PATH with one colon, as 3000:/api' };
  const port = readRoutingPort(portText);
  if (port === null) return { ok: false, expected: 'a port from 1 to 65535 before the colon, without sign and zeros' };
  if (!declared.has(port)) return { ok: false, expected: expectedPort(declared) };
  const path = readRoutingPath(pathText);
  if (!path.ok) return path;
  const slash = pathText.endsWith('/') && path.value !== '/' ? '/' : '';
  return { ok: true, value: { port, path: path.value, written: path.value + slash } };
}

function expectedPort(declared: ReadonlySet<number>): string {
  if (declared.size === 0) return 'a containerPort that the pod declares; it declares none';
  const shown = [...declared].toSorted((a, b) => a - b).slice(0, 8);
  return `a containerPort that the pod declares (${shown.join(', ')}${declared.size > shown.length ? ', …' : ''})`;
}

/** Annotations of a pod, or every part of the routes that they have no words for. */
export type WrittenRouting =
  | { readonly ok: true; readonly annotations: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly problems: readonly ItemProblem[] };

/**
 * Writes the annotations that `readHosts`, `readPaths` and `readDemand` read back as the same routes: every path on
 * every host. Hosts and paths are written in canonical form and order, whatever order they come in.
 */
export function writeRouting(
  routes: {
    readonly hosts: readonly string[];
    readonly paths: readonly PortPath[];
    /** Whether callers must show the namespace's key. */
    readonly apiKey: boolean;
  },
  { hosts, paths, apiKey }: RoutingNames,
): WrittenRouting {
  const hostLeaves = routes.hosts.map((host) => named(host, readRoutingHost(host)));
  const pathLeaves = routes.paths.map(({ port, path }) => named(`${port}:${path}`, readWritable(port, path)));
  const problems = [...hostLeaves, ...pathLeaves].flatMap((leaf) => (leaf.ok ? [] : [leaf.problem]));
  if (problems.length > 0) return { ok: false, problems };
  const text = (leaves: readonly Named[]) =>
    [...new Set(leaves.flatMap((leaf) => (leaf.ok ? [leaf.value] : [])))].toSorted().join(' ');
  const routing = { [hosts]: text(hostLeaves), [paths]: text(pathLeaves) };
  return { ok: true, annotations: routes.apiKey ? { ...routing, [apiKey]: demandWord } : routing };
}

type Named = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly problem: ItemProblem };

function named(text: string, leaf: Leaf): Named {
  return leaf.ok ? leaf : { ok: false, problem: { found: show(text, []), expected: leaf.expected } };
}

function readWritable(port: number, path: string): Leaf {
  if (path.includes(':')) return { ok: false, expected: 'a path without a colon: it separates port and path' };
  const item = readPortPath(`${port}:${path}`, new Set([port]));
  return item.ok ? { ok: true, value: `${item.value.port}:${item.value.path}` } : item;
}

/**
 * The name that the original router gives the upstream of a host and path: `upstream` and their FNV-1a hash of 32 bits in
 * decimal. Two hosts and paths may share it.
 */
export function upstreamName(host: string, path: string): string {
  const hash = [...Buffer.from(host + path)].reduce((sum, byte) => Math.imul(sum ^ byte, 0x01000193), 0x811c9dc5);
  return `upstream${hash >>> 0}`;
}
