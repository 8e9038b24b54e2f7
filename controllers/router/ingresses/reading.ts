import { decodeIngress } from '../../../components/dialects/nginx/decode.ts';
import { type IngressOptions, nginxPrefix } from '../../../components/dialects/nginx.ts';
import { readRoutingPath } from '../../../components/dialects/routing-grammar.ts';
import type { HostMatch } from '../../../components/model/route-match.ts';
import { host as hostGrammar } from '../../../components/model/schema/leaf.ts';
import type { RoutePath } from '../routing-table.ts';
import type { BackendFacts, IngressFacts, RuleFacts } from './ingress.ts';

/** One host and path that an Ingress asks for. */
export interface Asked {
  readonly ingress: IngressFacts;
  /** Where in the Ingress: `rules.0.1`, `default`. */
  readonly place: string;
  readonly host: HostMatch;
  readonly path: RoutePath;
  readonly backend: BackendFacts;
  /** null: something the Ingress asks for is not known, so that nobody may pass. */
  readonly options: IngressOptions | null;
}

/** What an Ingress comes to, read alone. */
export interface Reading {
  readonly asked: readonly Asked[];
  /** What its author should know, one sentence each. */
  readonly problems: readonly string[];
}

/**
 * Reads one Ingress. A rule or path that cannot be served is left out by itself. An annotation of ours or of nginx's that
 * is not understood may have been a protection, so that every route of the Ingress stands and lets nobody through: left
 * out, its requests would go to a broader route of the host, which asks for nothing.
 */
export function readRoutes(ingress: IngressFacts): Reading {
  const decoded = decodeIngress(ingress.annotations);
  const options = decoded.ok && decoded.options.backendProtocol !== 'GRPC' ? decoded.options : null;
  const problems = decoded.ok
    ? grpcProblem(decoded.options)
    : decoded.problems.map(({ found, expected, fix }) => `found ${found}, expected ${expected}. ${fix}`);
  const asked: Asked[] = [];
  for (const [index, rule] of ingress.rules.entries()) {
    const host = readHost(rule.host);
    if (host === null) {
      problems.push(`rule ${index}: found host ${shown(rule.host)}, expected a name, or *. below a domain of your own`);
      continue;
    }
    asked.push(...readRule(rule, { ingress, host, options, index }, problems));
  }
  if (ingress.defaultBackend !== null)
    asked.push({
      ingress,
      place: 'default',
      host: { kind: 'any' },
      path: { kind: 'prefix', path: '/' },
      backend: ingress.defaultBackend,
      options,
    });
  return { asked, problems };
}

function grpcProblem({ backendProtocol }: IngressOptions): string[] {
  const found = `found ${nginxPrefix}backend-protocol ${backendProtocol}, expected HTTP or HTTPS`;
  return backendProtocol === 'GRPC' ? [`${found}: gRPC is not served here`] : [];
}

interface RuleContext {
  readonly ingress: IngressFacts;
  readonly host: HostMatch;
  readonly options: IngressOptions | null;
  readonly index: number;
}

function readRule(rule: RuleFacts, context: RuleContext, problems: string[]): readonly Asked[] {
  const { ingress, host, options, index } = context;
  if (rule.paths === null) {
    const { defaultBackend: backend } = ingress;
    const path: RoutePath = { kind: 'prefix', path: '/' };
    return backend === null || host.kind === 'any'
      ? []
      : [{ ingress, place: `rules.${index}`, host, path, backend, options }];
  }
  return rule.paths.flatMap(({ path: text, pathType, backend }, position): readonly Asked[] => {
    const path = readPath(text, pathType);
    if (path !== null) return [{ ingress, place: `rules.${index}.${position}`, host, path, backend, options }];
    const plain = 'expected an absolute path without expressions, empty and dot segments, of type Prefix or Exact';
    problems.push(`rule ${index}, path ${position}: found ${shown(text)} of type ${pathType}, ${plain}`);
    return [];
  });
}

/** null: not a host that an Ingress may have here. */
function readHost(text: string): HostMatch | null {
  if (text === '') return { kind: 'any' };
  const host = hostGrammar.safeParse(text.toLowerCase());
  if (!host.success) return null;
  return host.data.startsWith('*.')
    ? { kind: 'wildcard', suffix: host.data.slice(2) }
    : { kind: 'exact', name: host.data };
}

/** What is specific to an implementation is, in this one, a prefix of whole segments. */
function readPath(text: string, pathType: string): RoutePath | null {
  const leaf = readRoutingPath(text === '' ? '/' : text);
  if (!leaf.ok) return null;
  switch (pathType) {
    case 'Exact':
      return { kind: 'exact', path: text.endsWith('/') && leaf.value !== '/' ? `${leaf.value}/` : leaf.value };
    case 'Prefix':
    case 'ImplementationSpecific':
      return { kind: 'prefix', path: leaf.value };
    default:
      return null;
  }
}

const longestShown = 80;

function shown(text: string): string {
  return JSON.stringify(text.length > longestShown ? `${text.slice(0, longestShown)}…` : text);
}
