import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClusterApi, clusterApi } from '../../../cli/deploy/cluster-api.ts';
import { refOf } from '../../../cli/deploy/inventory.ts';
import { compile } from '../../../components/compile/compile.ts';
import type { KubeObject } from '../../../components/compile/output.ts';
import { stacks } from '../../../stacks/stacks.ts';
import { type ApiServer, startApiServer } from '../../kube-apiserver.ts';
import { eventually } from '../kubectl.ts';

let server: ApiServer;
let api: ClusterApi;

beforeAll(async () => {
  server = await startApiServer();
  api = clusterApi(server.api);
});
afterAll(() => server?.[Symbol.asyncDispose]());

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** A quantity as the server writes it: `1000m` is 1. Pulumi's provider knows that for kinds of Kubernetes itself. */
const canonical = (value: unknown) =>
  typeof value === 'string' && /^[0-9]+000m$/.test(value) ? String(Number(value.slice(0, -1)) / 1000) : value;

/** What the server leaves out, and so does the provider before it compares, for kinds of Kubernetes itself. */
const isZero = (value: unknown) => value === 0 || value === false || value === '';

/** Where the server's object differs from what was applied, in the fields that were applied: Pulumi would see a change. */
function changes(applied: unknown, live: unknown, path: string, isCustom: boolean): readonly string[] {
  if (!isCustom && live === undefined && isZero(applied)) return [];
  if (!isFields(applied))
    return (isCustom ? applied : canonical(applied)) === live ? [] : [`${path}: ${applied} is ${JSON.stringify(live)}`];
  if (!isFields(live)) return [`${path}: is ${JSON.stringify(live)}`];
  if (Array.isArray(applied) && applied.length !== (live as unknown as unknown[]).length)
    return [`${path}: other length`];
  return Object.keys(applied).flatMap((key) => changes(applied[key], live[key], `${path}/${key}`, isCustom));
}

async function objectsOf(environment: string): Promise<readonly KubeObject[]> {
  const data = await stacks[environment]!();
  const definitions = data.apps.map((input) => ({ input }));
  const outcome = compile({ environment: data.environment, definitions, today: '2026-11-21' });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome));
  return outcome.groups.flatMap((group) => [...group.objects]);
}

/** Kinds of cert-manager and the like are somebody else's to define. */
const isServed = ({ apiVersion }: KubeObject) => !apiVersion.startsWith('cert-manager.io/');

test.each(Object.keys(stacks))(
  'a server keeps every applied field of %s as it is, so a second update changes nothing',
  async (environment) => {
    const objects = (await objectsOf(environment)).filter(isServed);
    const found: string[] = [];
    for (const namespace of new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []))) {
      const own = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
      await api.apply(refOf(own), own);
    }
    for (const object of objects) {
      const live = await eventually(
        () => api.apply(refOf(object), object).catch(() => undefined),
        (answer) => answer !== undefined,
      );
      found.push(
        ...changes(
          object,
          live,
          `${object.kind} ${object.metadata.name}`,
          /traefik|apiextensions/.test(object.apiVersion),
        ),
      );
    }
    expect(found).toEqual([]);
  },
);
