import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** The SDK's own modules, which have no types. */
const sdk = createRequire(require.resolve('@pulumi/pulumi/package.json'));
// biome-ignore lint/suspicious/noExplicitAny: generated protobuf classes without types
type Untyped = any;
const grpc: Untyped = sdk('@grpc/grpc-js');
const resourceProto: Untyped = sdk('@pulumi/pulumi/proto/resource_pb');
const resourceService: Untyped = sdk('@pulumi/pulumi/proto/resource_grpc_pb');
const engineProto: Untyped = sdk('@pulumi/pulumi/proto/engine_pb');
const engineService: Untyped = sdk('@pulumi/pulumi/proto/engine_grpc_pb');
const { Empty }: Untyped = sdk('google-protobuf/google/protobuf/empty_pb');
const { Struct }: Untyped = sdk('google-protobuf/google/protobuf/struct_pb');

export interface Registered {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly parent: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What a run of the program told the engine. */
export interface EngineRun {
  readonly exitCode: number | null;
  readonly resources: readonly Registered[];
  /** Outputs by URN. */
  readonly outputs: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  readonly logs: readonly string[];
  readonly stderr: string;
}

export interface EngineRequest {
  readonly root: string;
  readonly stack: string;
  readonly config: Readonly<Record<string, string>>;
  /** Outputs of other stacks, by their full name. */
  readonly stacks: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Told {
  readonly resources: Registered[];
  readonly outputs: Map<string, Readonly<Record<string, unknown>>>;
  readonly logs: string[];
}

/** Runs the program as the language host does, against an engine that keeps what it is told and makes nothing. */
export async function runAsPulumi(request: EngineRequest): Promise<EngineRun> {
  const told: Told = { resources: [], outputs: new Map(), logs: [] };
  const server = new grpc.Server();
  server.addService(resourceService.ResourceMonitorService, monitor(request, told));
  server.addService(engineService.EngineService, engine(told));
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error: Error | null, bound: number) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  try {
    const { exitCode, stderr } = await languageHost(request, `127.0.0.1:${port}`);
    return { exitCode, stderr, ...told };
  } finally {
    server.forceShutdown();
  }
}

/** Starts Node with the flags and variables that `pulumi-language-nodejs` gives it for Pulumi.yaml of this project. */
function languageHost(
  { root, stack, config }: EngineRequest,
  address: string,
): Promise<{ exitCode: number | null; stderr: string }> {
  const flags = ['--monitor', address, '--engine', address, '--organization', 'organization', '--project', 'edgeplane'];
  const place = ['--root-directory', root, '--stack', stack, '--pwd', root];
  const args = [...flags, ...place, '--dry-run', '--parallel', '16', 'index.ts'];
  const child = spawn(process.execPath, [join(root, 'node_modules/@pulumi/pulumi/cmd/run'), ...args], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PULUMI_CONFIG: JSON.stringify(config),
      PULUMI_CONFIG_SECRET_KEYS: '[]',
      PULUMI_NODEJS_TYPESCRIPT: 'true',
      PULUMI_NODEJS_TSCONFIG_PATH: 'tsconfig.pulumi.json',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  const keep = (chunk: Buffer) => {
    stderr += chunk.toString();
  };
  child.stderr.on('data', keep);
  child.stdout.on('data', keep);
  return new Promise((resolve) => child.on('close', (exitCode) => resolve({ exitCode, stderr })));
}

type Call = { readonly request: Untyped };
type Answer = (error: Error | null, response?: unknown) => void;

function monitor({ stack, stacks }: EngineRequest, { resources, outputs }: Told) {
  const urnOf = (request: Untyped) => {
    const parent = (request.getParent() as string).split('::')[2];
    const type = request.getType() as string;
    const chain = parent === undefined || parent === 'pulumi:pulumi:Stack' ? type : `${parent}$${type}`;
    return `urn:pulumi:${stack}::edgeplane::${chain}::${request.getName()}`;
  };
  return {
    supportsFeature: (_: Call, answer: Answer) => {
      const response = new resourceProto.SupportsFeatureResponse();
      response.setHassupport(true);
      answer(null, response);
    },
    registerResource: ({ request }: Call, answer: Answer) => {
      const urn = urnOf(request);
      const inputs = request.getObject()?.toJavaScript() ?? {};
      resources.push({ urn, type: request.getType(), name: request.getName(), parent: request.getParent(), inputs });
      const response = new resourceProto.RegisterResourceResponse();
      response.setUrn(urn);
      response.setObject(request.getObject() ?? Struct.fromJavaScript({}));
      answer(null, response);
    },
    registerResourceOutputs: ({ request }: Call, answer: Answer) => {
      outputs.set(request.getUrn(), request.getOutputs()?.toJavaScript() ?? {});
      answer(null, new Empty());
    },
    readResource: ({ request }: Call, answer: Answer) => {
      const response = new resourceProto.ReadResourceResponse();
      response.setUrn(urnOf(request));
      const name = request.getId() as string;
      response.setProperties(Struct.fromJavaScript({ name, outputs: stacks[name] ?? {}, secretOutputNames: [] }));
      answer(null, response);
    },
    registerPackage: (_: Call, answer: Answer) => {
      const response = new resourceProto.RegisterPackageResponse();
      response.setRef('package');
      answer(null, response);
    },
    signalAndWaitForShutdown: (_: Call, answer: Answer) => answer(null, new Empty()),
    invoke: (_: Call, answer: Answer) => answer(new Error('no functions here')),
    call: (_: Call, answer: Answer) => answer(new Error('no calls here')),
  };
}

function engine({ logs }: Told) {
  let root = '';
  return {
    log: ({ request }: Call, answer: Answer) => {
      logs.push(request.getMessage());
      answer(null, new Empty());
    },
    getRootResource: (_: Call, answer: Answer) => {
      const response = new engineProto.GetRootResourceResponse();
      response.setUrn(root);
      answer(null, response);
    },
    setRootResource: ({ request }: Call, answer: Answer) => {
      root = request.getUrn();
      answer(null, new engineProto.SetRootResourceResponse());
    },
    requirePulumiVersion: (_: Call, answer: Answer) => answer(null, new Empty()),
    startDebugging: (_: Call, answer: Answer) => answer(null, new Empty()),
  };
}
