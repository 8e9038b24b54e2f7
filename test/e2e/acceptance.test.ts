import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { attempt } from '../../local/command.ts';
import { stacks } from '../../stacks/stacks.ts';
import { certManagerCrds } from '../judges/judges.ts';
import { kubectlOf } from './kubectl.ts';
import { sharedCluster } from './shared-cluster.ts';

const cluster = sharedCluster();
const kubectl = kubectlOf(cluster);

interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

function render(stack: string): string {
  const args = ['cli/edgeplane.cjs', 'render', '--stack', stack];
  return execFileSync('node', args, { encoding: 'utf8', maxBuffer: 1 << 26 });
}

const rendered = new Map(Object.keys(stacks).map((name) => [name, render(name)]));
const objects = [...rendered.values()].flatMap((yaml) =>
  parseAllDocuments(yaml).map((document) => document.toJS() as Rendered),
);

/** Namespaces that this suite made, and so takes away again. */
const made: string[] = [];

beforeAll(async () => {
  const crds = objects.filter((object) => object.kind === 'CustomResourceDefinition');
  await kubectl.apply(...new Map(crds.map((crd) => [crd.metadata.name, crd])).values());
  await kubectl('apply', '--server-side', '-f', await certManagerCrds());
  await kubectl('wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s');
  for (const namespace of new Set(objects.flatMap((object) => object.metadata.namespace ?? []))) {
    const created = await kubectl.attempt('create', 'namespace', namespace);
    if (created.exitCode === 0) made.push(namespace);
  }
});

afterAll(async () => {
  for (const namespace of made) await kubectl.drop(namespace);
});

/** The namespace of an edge with host ports says with every apply what it is exempt from, and this is all of it. */
const expectedWarning =
  /^Warning: would violate PodSecurity "restricted:latest": hostPort \(container "traefik" uses hostPorts 443, 80\)$/;

describe.each([...rendered])('%s', (_, yaml) => {
  test('the API server takes every object, each field known to its schema', async () => {
    const words = [
      'apply',
      '--server-side',
      // The owner of what other suites left: as anybody else, an edge would be merged with the one that stands there.
      '--field-manager=edgeplane',
      '--force-conflicts',
      '--dry-run=server',
      '--validate=strict',
      '-o',
      'name',
      '-f',
      '-',
    ];
    const answer = await attempt(cluster.tools.kubectl, [`--kubeconfig=${cluster.paths.kubeconfig}`, ...words], {
      input: yaml,
    });
    expect(answer.stderr.split('\n').filter((line) => line !== '' && !expectedWarning.test(line))).toEqual([]);
    expect(answer.exitCode).toBe(0);
    expect(answer.stdout.trim().split('\n')).toHaveLength(parseAllDocuments(yaml).length);
  });
});

test('a field the schema does not know is refused, so the test above can fail', async () => {
  const stray = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: stray, namespace: default}\nstray: true\n';
  const words = ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', '-'];
  const answer = await attempt(cluster.tools.kubectl, [`--kubeconfig=${cluster.paths.kubeconfig}`, ...words], {
    input: stray,
  });
  expect(answer.exitCode).not.toBe(0);
  expect(answer.stderr).toContain('stray');
});
