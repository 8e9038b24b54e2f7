import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rules } from '../../policies/rules/all.ts';
import { changed } from './corpus/case.ts';
import { pod } from './corpus/pod-security.ts';
import { unknown } from './roads.ts';

/** The messages and the client of the protocol between Pulumi's engine and a pack, from the SDK that speaks it. */
const sdk = createRequire(require.resolve('@pulumi/pulumi'));
const grpc = sdk('@grpc/grpc-js');
const { AnalyzerClient } = sdk('@pulumi/pulumi/proto/analyzer_grpc_pb');
const messages = sdk('@pulumi/pulumi/proto/analyzer_pb');
const { Struct } = sdk('google-protobuf/google/protobuf/struct_pb.js');
const { Empty } = sdk('google-protobuf/google/protobuf/empty_pb.js');

const mandatory = messages.EnforcementLevel.MANDATORY;

interface Diagnostic {
  readonly policyname: string;
  readonly enforcementlevel: number;
  readonly message: string;
}

let pack: ChildProcess;
// biome-ignore lint/suspicious/noExplicitAny: generated clients have no types
let client: any;

/** As Pulumi's own script starts a pack: the runner of the SDK, in the folder of the pack. */
beforeAll(async () => {
  const runner = require.resolve('@pulumi/pulumi/cmd/run-policy-pack');
  const cwd = resolve(__dirname, '../../policies');
  pack = spawn(process.execPath, [runner, '127.0.0.1:1', '.'], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise<string>((found, failed) => {
    pack.stdout?.once('data', (data) => found(String(data).trim()));
    pack.once('exit', (code) => failed(new Error(`the pack ended with ${code}`)));
  });
  client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
}, 180_000);

afterAll(() => {
  client?.close();
  pack.kill();
});

function call<T>(method: string, request: unknown): Promise<T> {
  return new Promise((answered, failed) =>
    client[method](request, (error: unknown, response: { toObject(): T }) =>
      error === null ? answered(response.toObject()) : failed(error),
    ),
  );
}

function analyzed(properties: object): Promise<{ readonly diagnosticsList: readonly Diagnostic[] }> {
  const request = new messages.AnalyzeRequest();
  request.setType('kubernetes:core/v1:Pod');
  request.setName('cart');
  request.setUrn('urn:pulumi:staging::edgeplane::kubernetes:core/v1:Pod::cart');
  request.setProperties(Struct.fromJavaScript(properties));
  request.setOptions(new messages.AnalyzerResourceOptions());
  return call('analyze', request);
}

test('Pulumi’s runner starts the pack, and each rule in it is mandatory', async () => {
  const info = await call<{ readonly policiesList: readonly { name: string; enforcementlevel: number }[] }>(
    'getAnalyzerInfo',
    new Empty(),
  );
  const levels = new Map(info.policiesList.map(({ name, enforcementlevel }) => [name, enforcementlevel]));
  expect([...levels.keys()]).toEqual(expect.arrayContaining(rules.map(({ id }) => id)));
  for (const { id } of rules) expect([id, levels.get(id)]).toEqual([id, mandatory]);
});

test('a resource that breaks a rule is refused, one that keeps them is not', async () => {
  const refused = await analyzed(changed(pod, ['spec', 'hostNetwork'], true));
  expect(refused.diagnosticsList.map(({ policyname, enforcementlevel }) => [policyname, enforcementlevel])).toEqual([
    ['pod-security-host-namespaces', mandatory],
  ]);
  expect((await analyzed(pod)).diagnosticsList).toEqual([]);
});

test('what a preview does not know is told, and does not take what is known back to advisory', async () => {
  const mixed = changed(changed(pod, ['spec', 'hostNetwork'], true), ['spec', 'containers', 0, 'image'], unknown);
  const { diagnosticsList } = await analyzed(mixed);
  const refused = diagnosticsList.filter(({ enforcementlevel }) => enforcementlevel === mandatory);
  expect(refused.map(({ policyname }) => policyname)).toEqual(['pod-security-host-namespaces']);
  const told = diagnosticsList.filter(({ policyname }) => policyname === 'not-evaluable');
  expect(told.map(({ message }) => message).join('\n')).toContain(
    'image-pinned: Pod shop/cart, spec.containers[0].image',
  );
});
