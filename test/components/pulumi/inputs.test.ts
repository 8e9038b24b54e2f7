import { output, secret } from '@pulumi/pulumi';
import { expect, test } from 'vitest';
import type { Environment } from '../../../components/model/schema/environment.ts';
import { EdgeApp } from '../../../components/pulumi/edge-app.ts';
import { EdgeEnvironment } from '../../../components/pulumi/edge-environment.ts';
import { EdgeRoutes } from '../../../components/pulumi/edge-routes.ts';
import { compileSource } from '../../../components/pulumi/inputs/compilation.ts';
import { type GraphResource, hidden, recorded, unknown } from '../../../components/pulumi/preview.ts';
import { Probe } from './probe.ts';
import { today } from './stack-runs.ts';

const environment = {
  name: 'test',
  edge: 'traefik',
  kind: 'local',
  exposure: { loadBalancer: { clientAddress: 'preserved' } },
  namespace: 'shop',
  domains: ['example.org'],
} satisfies Environment;
const image = 'registry.example.org/shop/cart:1.0.0';
const probes = { readiness: { check: { http: { path: '/healthz' } } } } as const;
const open = { open: 'public product pages, no account needed' } as const;

const world = (preview: boolean) => ({ preview, platform: {}, made: () => ({ value: 'cart.example.org' }) });
const cart = { ports: { http: 8080 }, probes };

/** The graph of one app whose arguments may come from another resource. */
function graphOf(preview: boolean, program: (place: EdgeEnvironment, probe: Probe) => void) {
  return recorded('test', world(preview), () => {
    program(new EdgeEnvironment({ environment, today }), new Probe('probe'));
    return {};
  });
}

const objectOf = (resources: readonly GraphResource[], kind: string) => {
  const found = resources.find(({ type }) => type.endsWith(`:${kind}`));
  if (found === undefined) throw new Error(`no ${kind}`);
  return JSON.stringify(found.inputs);
};

test('a preview shows the real object, with only the leaves unknown that depend on an unknown value', async () => {
  const { resources } = await graphOf(true, (place, probe) => {
    new EdgeApp('cart', { environment: place, ...cart, image, env: { HOST: probe.value, MODE: 'plain' } });
  });
  const deployment = objectOf(resources, 'Deployment');
  expect(deployment).toContain(`{"name":"HOST","value":"${unknown}"}`);
  expect(deployment).toContain('{"name":"MODE","value":"plain"}');
  expect(deployment.split(unknown)).toHaveLength(2);
  expect(deployment).toContain(image);
});

test('a host that is known later becomes part of the rule by the edge’s own encoder', async () => {
  const program = (place: EdgeEnvironment, probe: Probe) => {
    const routes = [{ name: 'all', hosts: [probe.value], protection: open }];
    new EdgeApp('cart', { environment: place, ...cart, image, routes });
  };
  const before = await graphOf(true, program);
  const after = await graphOf(false, program);
  expect(objectOf(after.resources, 'IngressRoute')).toContain('Host(\\"cart.example.org\\")');
  expect(objectOf(before.resources, 'IngressRoute')).not.toContain('pending');
  const urns = (resources: readonly GraphResource[]) => resources.map(({ urn }) => urn).toSorted();
  expect(urns(before.resources)).toEqual(urns(after.resources));
});

test('a secret value makes its leaf secret and no other', async () => {
  const { resources } = await graphOf(false, (place) => {
    new EdgeApp('cart', {
      environment: place,
      ...cart,
      image: output(image),
      env: { A: secret('hush'), B: output('loud') },
    });
  });
  const deployment = objectOf(resources, 'Deployment');
  expect(deployment).toContain(`{"name":"A","value":"${hidden}"}`);
  expect(deployment).toContain('{"name":"B","value":"loud"}');
  expect(deployment).toContain(image);
  expect(deployment).not.toContain('hush');
});

test('routes on someone else’s Service take a host that is known later', async () => {
  const { resources } = await graphOf(false, (place, probe) => {
    const routes = [{ name: 'all', hosts: [probe.value], protection: open }];
    new EdgeRoutes('wiki', { environment: place, service: { name: 'wiki', ports: { http: 80 } }, routes });
  });
  expect(objectOf(resources, 'IngressRoute')).toContain('cart.example.org');
});

const definition = (fields: object) => ({
  apiVersion: 'edgeplane/v1',
  kind: 'App',
  name: 'cart',
  image,
  ...cart,
  ...fields,
});
const compiledWith = (fields: object) => compileSource({ environment, definitions: [definition(fields)], today });

test('a value that is known later has its place only at opaque leaves', () => {
  expect(() => compiledWith({ replicas: output(2), owner: output('shop') })).toThrow(/2 problems[\s\S]*owner[\s\S]*/);
});

test('a value is held against the grammar of its leaf once it is known, and never shown', () => {
  const hostile = 'x:1`) || Host(`victim.example';
  const { known } = compiledWith({ image: output(image), env: { A: output('a') } });
  expect(() => known([hostile, 'fine'])).toThrow('a value that is no image');
  expect(() => known([hostile, 'fine'])).not.toThrow('victim');
  expect(() => known([image, 'a\0b'])).toThrow('a value that is no env value');
  expect([...known([image, 'fine']).values()].some((object) => JSON.stringify(object).includes('"fine"'))).toBe(true);
});

test('a value may not decide which objects there are', () => {
  const routes = [{ hosts: [output('a.example.org'), 'b.example.org'], protection: open }];
  expect(() => compiledWith({ routes })).toThrow('decides which objects there are');
});

test('two hosts that turn out the same are refused before anything depends on them', () => {
  const routes = [
    { name: 'one', hosts: [output('one.example.org')], protection: open },
    { name: 'two', hosts: [output('two.example.org')], protection: open },
  ];
  const { known } = compiledWith({ routes });
  expect(() => known(['one.example.org', 'two.example.org'])).not.toThrow();
  expect(() => known(['same.example.org', 'same.example.org'])).toThrow('same.example.org');
});
