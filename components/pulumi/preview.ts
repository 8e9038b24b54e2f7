import { output, runtime } from '@pulumi/pulumi';
import { runStack, type StackOutputs, type StackRun } from './stack.ts';

/** A resource as the engine would be asked for it. */
export interface GraphResource {
  readonly urn: string;
  /** `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  readonly name: string;
  /** URN of its parent; empty at the top. */
  readonly parent: string;
  /** Values that are known only later are `unknown`, secret ones `secret`. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly dependsOn: readonly string[];
  /** URN and id of its provider; empty for the default one. */
  readonly provider: string;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly ignoreChanges: readonly string[];
}

/** What stands for a value that is not shown. */
export const unknown = '«known after up»';
export const hidden = '«secret»';

/** What providers and other stacks would answer. */
export interface World {
  /** `true`: nothing exists yet, so nothing that a provider makes is known. */
  readonly preview: boolean;
  /** Outputs of the platform’s stack; for stacks of apps. */
  readonly platform: StackOutputs;
  /** What a provider adds to the inputs of a resource once it is there. @default nothing */
  readonly made?: (type: string, inputs: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
}

export interface Graph {
  /** In the order in which they were registered. */
  readonly resources: readonly GraphResource[];
  readonly outputs: StackOutputs;
}

/** The parts of a registration that are looked at; the SDK's class for it is generated and has no types of its own. */
interface Registration {
  getType(): string;
  getName(): string;
  getParent(): string;
  getObject(): { toJavaScript(): Readonly<Record<string, unknown>> };
  getDependenciesList(): string[];
  getProvider(): string;
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getIgnorechangesList(): string[];
}
type Register = (request: Registration, callback: (error: unknown, response?: { getUrn(): string }) => void) => unknown;

/** Runs a stack against no cloud and no cluster, and gives what it registers. One at a time: the SDK has one engine. */
export function previewStack(run: StackRun, world: World): Promise<Graph> {
  return recorded(run.stack, world, () => runStack(run));
}

/** As `previewStack`, for any program that registers resources. */
export async function recorded(
  stack: string,
  world: World,
  program: () => Promise<StackOutputs> | StackOutputs,
): Promise<Graph> {
  const resources: GraphResource[] = [];
  await runtime.setMocks(mocksOf(world), 'edgeplane', stack, world.preview, 'organization');
  const monitor = runtime.getMonitor() as unknown as { registerResource: Register };
  const register: Register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) =>
    register(request, (error, response) => {
      if (response !== undefined) resources.push(graphResource(request, response.getUrn()));
      callback(error, response);
    });
  const outputs = await program();
  const settled = await settledOutputs(outputs);
  await runtime.disconnect();
  return { resources, outputs: settled };
}

function mocksOf({ platform, made, preview }: World): runtime.Mocks {
  return {
    newResource: ({ type, name, inputs, id }) => {
      if (type === 'pulumi:pulumi:StackReference')
        return { id, state: { ...inputs, outputs: platform, secretOutputNames: [] } };
      return { id: preview ? undefined : `${name}-id`, state: { ...inputs, ...(preview ? {} : made?.(type, inputs)) } };
    },
    call: ({ inputs }) => (preview ? inputs : { ...inputs, number: '123456789012' }),
  };
}

function graphResource(request: Registration, urn: string): GraphResource {
  return {
    urn,
    type: request.getType(),
    name: request.getName(),
    parent: request.getParent(),
    inputs: shownValue(request.getObject().toJavaScript()) as Readonly<Record<string, unknown>>,
    dependsOn: request.getDependenciesList().toSorted(),
    provider: request.getProvider(),
    protect: request.getProtect(),
    retainOnDelete: request.getRetainondelete(),
    ignoreChanges: request.getIgnorechangesList(),
  };
}

/** Plain data in place of what stands for secrets and for values that are not known on the way to the engine. */
function shownValue(value: unknown): unknown {
  if (value === runtime.unknownValue) return unknown;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(shownValue);
  if ((value as Readonly<Record<string, unknown>>)[runtime.specialSigKey] === runtime.specialSecretSig) return hidden;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shownValue(item)]));
}

/** Known outputs as they are; what is not known or secret is not shown. */
async function settledOutputs(outputs: StackOutputs): Promise<StackOutputs> {
  const entries = Object.entries(outputs).map(async ([key, value]): Promise<[string, unknown]> => {
    const settled = output(value as never);
    const known = await (settled as unknown as { isKnown: Promise<boolean> }).isKnown;
    const isSecret = await (settled as unknown as { isSecret: Promise<boolean> }).isSecret;
    if (isSecret) return [key, hidden];
    if (!known) return [key, unknown];
    return [key, await (settled as unknown as { promise(): Promise<unknown> }).promise()];
  });
  return Object.fromEntries(await Promise.all(entries));
}
