import type { ParsedEnvironment, ParsedProtection } from '../../model/definition.ts';
import type { Path } from '../../model/path.ts';
import { durationMs } from '../../model/schema/leaf.ts';
import { defaults } from '../defaults.ts';
import type { ProtectionPlan } from '../plan.ts';
import type { Report } from './definition.ts';
import { type Directory, type Entry, findApp } from './directory.ts';
import { findPort } from './ports.ts';

type ParsedForwardAuth = Extract<ParsedProtection, { readonly forwardAuth: unknown }>['forwardAuth'];

/** Where a protection is written; a missing one falls to the next. */
interface Layer {
  readonly protection: ParsedProtection;
  readonly report: Report;
  readonly path: Path;
}

/**
 * Who guards a route: what it says, else what its app says, else the environment. Nobody says anything: a problem,
 * because an open route must be written out with a reason.
 */
export function protectionPlan(
  entry: Entry,
  route: { readonly protection?: ParsedProtection | undefined },
  path: Path,
  environment: { readonly parsed: ParsedEnvironment; readonly report: Report },
  directory: Directory,
): ProtectionPlan {
  const layer = deciding(entry, route, path, environment);
  if (layer === null) {
    entry.report([...path, 'protection'], 'undeclared-protection', {
      found: 'no protection on the route, its app or the environment',
      expected: 'who may pass: forwardAuth, apiKey, bearer, basicAuth, or open with a reason',
      fix: 'Write protection, or protection: { open: "why nobody is asked" }.',
    });
    return { kind: 'open', reason: '' };
  }
  const { protection } = layer;
  if ('open' in protection) return { kind: 'open', reason: protection.open };
  if ('apiKey' in protection) return { kind: 'apiKey', ...routingSecret(protection.apiKey.secret) };
  if ('bearer' in protection) return { kind: 'bearer', ...routingSecret(protection.bearer.secret) };
  if ('basicAuth' in protection) {
    const { secret, realm } = protection.basicAuth;
    return { kind: 'basicAuth', secret, realm: realm ?? defaults.route.realm };
  }
  return forwardAuthPlan(protection.forwardAuth, layer, entry.definition.namespace, directory);
}

function deciding(
  { definition, report }: Entry,
  route: { readonly protection?: ParsedProtection | undefined },
  path: Path,
  environment: { readonly parsed: ParsedEnvironment; readonly report: Report },
): Layer | null {
  if (route.protection !== undefined) return { protection: route.protection, report, path: [...path, 'protection'] };
  const own = definition.parsed.value.protection;
  if (own !== undefined) return { protection: own, report, path: ['protection'] };
  const { protection } = environment.parsed;
  return protection === undefined ? null : { protection, report: environment.report, path: ['protection'] };
}

/** `routing:api-key` is the key `api-key` of the Secret `routing`. */
function routingSecret(written: string | undefined): { readonly secret: string; readonly key: string } {
  const [secret = '', key = ''] = (written ?? defaults.route.routingSecret).split(':');
  return { secret, key };
}

function forwardAuthPlan(
  auth: ParsedForwardAuth,
  layer: Layer,
  namespace: string,
  directory: Directory,
): ProtectionPlan {
  const shared = {
    kind: 'forwardAuth',
    responseHeaders: (auth.responseHeaders ?? []).toSorted(),
    timeoutMs: auth.timeout === undefined ? defaults.route.authTimeoutMs : durationMs(auth.timeout),
    signIn: auth.signIn ?? null,
  } as const;
  const path = [...layer.path, 'forwardAuth'];
  if (auth.app === undefined) return { ...shared, url: auth.url ?? '', target: null };
  const reference = { namespace: auth.namespace ?? namespace, app: auth.app };
  const answering = findApp(directory, reference, { report: layer.report, path: [...path, 'app'] });
  const place = { report: layer.report, path: [...path, 'port'], of: `app ${reference.namespace}/${reference.app}` };
  const port = answering === null ? null : findPort(answering.ports, auth.port, 'http', place);
  if (answering === null || port === null) return { ...shared, url: '', target: null };
  const scheme = port.protocol === 'https' ? 'https' : 'http';
  const authority = `${answering.service}.${reference.namespace}.svc.cluster.local:${port.servicePort}`;
  return {
    ...shared,
    url: `${scheme}://${authority}${auth.path ?? defaults.route.authPath}`,
    target: { ...reference, service: answering.service, port: port.servicePort },
  };
}
