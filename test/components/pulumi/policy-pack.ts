import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { GraphResource } from '../../../components/pulumi/preview.ts';

/** The SDK's own modules, which have no types. */
const sdk = createRequire(require.resolve('@pulumi/pulumi/package.json'));
// biome-ignore lint/suspicious/noExplicitAny: generated protobuf classes without types
type Untyped = any;
const grpc: Untyped = sdk('@grpc/grpc-js');
const proto: Untyped = sdk('@pulumi/pulumi/proto/analyzer_pb');
const { AnalyzerClient }: Untyped = sdk('@pulumi/pulumi/proto/analyzer_grpc_pb');
const { Struct }: Untyped = sdk('google-protobuf/google/protobuf/struct_pb');

export interface Diagnostic {
  readonly policy: string;
  readonly message: string;
  readonly mandatory: boolean;
}

/** The pack, loaded as the engine loads it. */
export interface RunningPack {
  /** What it says about a stack: each resource, then all of them together. */
  readonly judge: (resources: readonly GraphResource[]) => Promise<readonly Diagnostic[]>;
  readonly stop: () => void;
}

/** Starts the pack as `pulumi-analyzer-policy` does: its own folder, TypeScript by ts-node. */
export async function startPack(root: string): Promise<RunningPack> {
  const runner = join(root, 'node_modules/@pulumi/pulumi/cmd/run-policy-pack');
  const child = spawn(process.execPath, [runner, '127.0.0.1:1', join(root, 'policies')], {
    cwd: join(root, 'policies'),
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PULUMI_NODEJS_TYPESCRIPT: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const port = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const line = /^([0-9]+)$/m.exec(text)?.[1];
      if (line !== undefined) resolve(line);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    child.on('close', () => reject(new Error(`the pack did not start: ${text}`)));
  });
  const client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const ask = (method: 'analyze' | 'analyzeStack', request: Untyped) =>
    new Promise<readonly Diagnostic[]>((resolve, reject) =>
      client[method](request, (error: Error | null, response: Untyped) =>
        error === null ? resolve(response.getDiagnosticsList().map(diagnosticOf)) : reject(error),
      ),
    );
  return {
    judge: async (resources) => {
      const found: Diagnostic[] = [];
      for (const resource of resources)
        found.push(...(await ask('analyze', filled(new proto.AnalyzeRequest(), resource))));
      const stack = new proto.AnalyzeStackRequest();
      stack.setResourcesList(resources.map((resource) => filled(new proto.AnalyzerResource(), resource)));
      return [...found, ...(await ask('analyzeStack', stack))];
    },
    stop: () => {
      client.close();
      child.kill();
    },
  };
}

function filled(message: Untyped, { urn, type, name, inputs, protect }: GraphResource): Untyped {
  const options = new proto.AnalyzerResourceOptions();
  options.setProtect(protect);
  message.setUrn(urn);
  message.setType(type);
  message.setName(name);
  message.setProperties(Struct.fromJavaScript(inputs));
  message.setOptions(options);
  return message;
}

function diagnosticOf(diagnostic: Untyped): Diagnostic {
  return {
    policy: diagnostic.getPolicyname(),
    message: diagnostic.getMessage(),
    mandatory: diagnostic.getEnforcementlevel() === proto.EnforcementLevel.MANDATORY,
  };
}
