import type { KubeObject } from '../components/compile/output.ts';
import type { ObjectSource } from '../components/readers/kube-object.ts';
import { ExitError, exitCodes } from './exit-codes.ts';
import type { Io, ProgramResult } from './io.ts';

/** What routes are read from, as `kubectl api-resources -o name` names it. Secrets are never asked for. */
const resources = [
  'ingresses.networking.k8s.io',
  'ingressclasses.networking.k8s.io',
  'ingressroutes.traefik.io',
  'ingressroutetcps.traefik.io',
  'ingressrouteudps.traefik.io',
  'tlsoptions.traefik.io',
  'middlewares.traefik.io',
  'traefikservices.traefik.io',
  'gateways.gateway.networking.k8s.io',
  'gatewayclasses.gateway.networking.k8s.io',
  'httproutes.gateway.networking.k8s.io',
  'grpcroutes.gateway.networking.k8s.io',
  'tlsroutes.gateway.networking.k8s.io',
  'tcproutes.gateway.networking.k8s.io',
  'listenersets.gateway.networking.k8s.io',
  'referencegrants.gateway.networking.k8s.io',
  'securitypolicies.gateway.envoyproxy.io',
  'clienttrafficpolicies.gateway.envoyproxy.io',
  'envoyextensionpolicies.gateway.envoyproxy.io',
  'authenticationfilters.gateway.nginx.org',
  'httpproxies.projectcontour.io',
  'virtualservices.networking.istio.io',
  'authorizationpolicies.security.istio.io',
  'virtualservers.k8s.nginx.org',
  'services',
] as const;

/**
 * Every object of a cluster that routes are read from. Kinds that the cluster does not have are left out.
 * @throws {ExitError} code 3 where kubectl is missing or the cluster does not answer
 */
export async function readCluster(context: string, io: Io): Promise<readonly ObjectSource[]> {
  const served = await kubectl(context, ['api-resources', '--verbs=list', '-o', 'name'], io);
  const names = new Set(served.split('\n').map((line) => line.trim()));
  const asked = resources.filter((name) => names.has(name));
  if (asked.length === 0) return [];
  const answer = await kubectl(context, ['get', asked.join(','), '--all-namespaces', '-o', 'json'], io);
  try {
    return [{ object: JSON.parse(answer) }];
  } catch {
    throw worldError(context, 'kubectl gave something that is no JSON', 'Try `kubectl version`.');
  }
}

/**
 * Every object of these kinds, written `apiVersion Kind`. Kinds that the cluster does not have are left out. Secrets are
 * never asked for.
 * @throws {ExitError} code 3 where kubectl is missing or the cluster does not answer
 */
export async function readKinds(context: string, kinds: ReadonlySet<string>, io: Io): Promise<readonly KubeObject[]> {
  const served = await kubectl(context, ['api-resources', '--verbs=list', '--no-headers'], io);
  const asked = served.split('\n').flatMap((line) => {
    // The columns are NAME, SHORTNAMES (may be empty), APIVERSION, NAMESPACED and KIND.
    const columns = line.trim().split(/ +/);
    const [name = '', version = '', kind = ''] = [columns[0], columns.at(-3), columns.at(-1)];
    const group = version.includes('/') ? `.${version.split('/')[0]}` : '';
    return kind !== 'Secret' && kinds.has(`${version} ${kind}`) ? [`${name}${group}`] : [];
  });
  if (asked.length === 0) return [];
  return items(context, await kubectl(context, ['get', asked.join(','), '--all-namespaces', '-o', 'json'], io));
}

function items(context: string, answer: string): readonly KubeObject[] {
  try {
    return (JSON.parse(answer) as { readonly items: readonly KubeObject[] }).items;
  } catch {
    throw worldError(context, 'kubectl gave something that is no JSON', 'Try `kubectl version`.');
  }
}

async function kubectl(context: string, args: readonly string[], io: Io): Promise<string> {
  const result = await io.run('kubectl', ['--context', context, '--request-timeout=30s', ...args]);
  if (result.code === 0) return result.out;
  throw worldError(context, ...reason(context, result));
}

function reason(context: string, { code, words }: ProgramResult): readonly [found: string, fix: string] {
  if (code === null) return ['there is no kubectl', 'Install kubectl, or give objects by -f.'];
  const said = words.trim().split('\n').at(-1) ?? '';
  if (/context .*(does not exist|not found)|no context exists/i.test(words))
    return [said, 'See `kubectl config get-contexts` for those there are.'];
  if (/forbidden/i.test(words)) return [said, 'Ask for the right to list these kinds in all namespaces.'];
  return [said || `kubectl ended with ${code}`, `See whether \`kubectl --context ${context} version\` answers.`];
}

function worldError(context: string, found: string, fix: string): ExitError {
  return new ExitError(
    `cannot read the cluster of context ${JSON.stringify(context)}: ${found}. ${fix}`,
    exitCodes.world,
  );
}
