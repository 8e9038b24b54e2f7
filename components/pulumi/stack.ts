import type { Provider } from '@pulumi/kubernetes';
import { getOrganization, getProject, type Output, output, StackReference } from '@pulumi/pulumi';
import { routingSecrets, wantedSecrets } from '../compile/wanted-secrets.ts';
import type { Connection } from './cluster/connection.ts';
import { ExistingCluster } from './cluster/existing-cluster.ts';
import { gkeSpec } from './cluster/gke-spec.ts';
import { kubernetesProvider } from './cluster/provider.ts';
import { DefinedApp } from './edge-app.ts';
import { EdgeEnvironment, type EnvironmentInput } from './edge-environment.ts';
import { EdgePlatform } from './edge-platform.ts';
import { problemsError } from './problems.ts';
import { type StackData, type StackInput, stackInput } from './stack-input.ts';
import { stackPlace } from './stack-name.ts';

/** What one run of the program is asked for. */
export interface StackRun {
  /** Name of the stack: `production`, `production-apps`, `production-whoami`. */
  readonly stack: string;
  /** Environments by name, each loaded when it is asked for. */
  readonly environments: Readonly<Record<string, () => Promise<StackData>>>;
  /** Configuration as Pulumi hands it over, by `project:key`. */
  readonly config: Readonly<Record<string, string>>;
  /** The day expiries are judged by, YYYY-MM-DD. */
  readonly today: string;
}

/** The outputs of a stack. */
export type StackOutputs = Readonly<Record<string, unknown>>;

/**
 * Registers what a stack brings: of an environment the platform, or its apps, which take the cluster from the
 * platform's outputs.
 * @throws RunError with every problem, before anything is registered.
 */
export async function runStack({ stack, environments, config, today }: StackRun): Promise<StackOutputs> {
  const place = stackPlace(stack, Object.keys(environments));
  if (!place.ok) throw problemsError(place.problems);
  const { environment: name, part } = place.value;
  const data = await environments[name]?.();
  if (data === undefined) throw new Error(`environment ${name} cannot be loaded`);
  const input = stackInput({ data, part, config, today });
  if (!input.ok) throw problemsError(input.problems);
  return part.kind === 'platform' ? runPlatform(input.value, today) : runApps(input.value, today);
}

async function runPlatform(input: StackInput, today: string): Promise<StackOutputs> {
  const { environment, config, plan, definitions } = input;
  const cluster = await clusterOf(input);
  const place = new EdgeEnvironment({ environment: withAddress(environment, cluster.address), definitions, today });
  const providers = [cluster.provider];
  const secrets = {
    // Only on a local cluster nobody else brings the Secrets that containers read.
    wanted: plan.environment.kind === 'local' ? wantedSecrets(plan) : routingSecrets(plan),
    generation: config.keyGeneration ?? 0,
  };
  const { routingKeys } = new EdgePlatform(environment.name, { environment: place, secrets }, { providers });
  return {
    environment: environment.name,
    edge: plan.environment.edge,
    cluster: cluster.connection,
    ...(cluster.address === null ? {} : { address: cluster.address }),
    ...(cluster.nodePools === null ? {} : { nodePools: cluster.nodePools }),
    routingKeys,
  };
}

interface RunningCluster {
  readonly provider: Provider;
  readonly connection: Output<Connection>;
  readonly address: Output<string> | null;
  readonly nodePools: unknown;
}

/** The SDK of Google Cloud is loaded only where a cluster is made there. */
async function clusterOf({ environment, config, plan }: StackInput): Promise<RunningCluster> {
  const { name } = environment;
  if ('existing' in config.cluster) {
    const { kubeconfig, context } = config.cluster.existing;
    const args = { ...(kubeconfig === undefined ? {} : { kubeconfig }), ...(context === undefined ? {} : { context }) };
    const { provider, connection } = new ExistingCluster(name, args);
    return { provider, connection: output(connection), address: null, nodePools: null };
  }
  const { GkeCluster } = await import('./cluster/gke-cluster.ts');
  const spec = gkeSpec(config.cluster.gke, plan.environment);
  const { value: formerPools } = await platformStack(name).getOutputDetails('nodePools');
  return new GkeCluster(name, { spec, formerPools });
}

/** The outputs of the platform of an environment; its own, as the last update left them, where it asks itself. */
function platformStack(environment: string): StackReference {
  return new StackReference('platform', { name: `${getOrganization()}/${getProject()}/${environment}` });
}

function withAddress(
  environment: StackInput['environment'],
  address: Output<string> | null,
): StackInput['environment'] | EnvironmentInput {
  const { exposure } = environment;
  if (address === null || !('loadBalancer' in exposure) || exposure.loadBalancer.address !== undefined)
    return environment;
  return { ...environment, exposure: { loadBalancer: { ...exposure.loadBalancer, address } } };
}

/** A backend may keep what is null, or leave it out. */
function connectionIn(output: unknown): Connection | undefined {
  if (typeof output !== 'object' || output === null) return undefined;
  const { kubeconfig = null, context = null, identifier = '' } = output as Partial<Connection>;
  return { kubeconfig, context, identifier };
}

async function runApps({ environment, definitions, own, plan }: StackInput, today: string): Promise<StackOutputs> {
  const platform = platformStack(environment.name);
  const { value, secretValue } = await platform.getOutputDetails('cluster');
  const connection = connectionIn(value ?? secretValue);
  const { value: edge } = await platform.getOutputDetails('edge');
  if (connection === undefined || edge !== plan.environment.edge) {
    throw problemsError([
      {
        code: 'platform-missing',
        at: { subject: `stack ${environment.name}`, path: connection === undefined ? 'cluster' : 'edge' },
        found: connection === undefined ? 'no outputs of the platform' : `the edge ${JSON.stringify(edge)} running`,
        expected: `the platform of ${environment.name} with the edge ${plan.environment.edge}`,
        fix: `Run pulumi up --stack ${environment.name} first.`,
      },
    ]);
  }
  const providers = [kubernetesProvider(environment.name, connection)];
  const place = new EdgeEnvironment({ environment, definitions, today });
  for (const definition of own) {
    const namespace = definition.namespace ?? environment.namespace;
    new DefinedApp(`${namespace}/${definition.name}`, { environment: place, definition }, { providers });
  }
  return { environment: environment.name, apps: own.map(({ name }) => name) };
}
