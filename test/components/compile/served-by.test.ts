import { expect, test } from 'vitest';
import { compile } from '../../../components/compile/compile.ts';
import type { Environment } from '../../../components/model/schema/environment.ts';

const image = `registry.example.org/edgeplane/router:0.1.0@sha256:${'a'.repeat(64)}`;
const environment: Environment = {
  name: 'production',
  edge: 'nginx',
  edgeImage: image,
  exposure: { loadBalancer: { clientAddress: 'preserved' } },
  namespace: 'shop',
};

function problemsOf(changes: Partial<Environment>): readonly string[] {
  const outcome = compile({ environment: { ...environment, ...changes }, definitions: [], today: '2026-11-21' });
  return outcome.ok ? [] : outcome.problems.map(({ code, at }) => `${code} ${at.path}`);
}

test('production takes no server of Ingresses that it has not chosen', () => {
  expect(problemsOf({})).toEqual(['served-by servedBy']);
  expect(problemsOf({ servedBy: 'controller' })).toEqual([]);
});

test('elsewhere our controller serves where nothing is said', () => {
  expect(problemsOf({ name: 'staging' })).toEqual([]);
});

test('the image of our router is named by digest, and judged by no release of Traefik', () => {
  expect(problemsOf({ servedBy: 'controller', edgeImage: 'registry.example.org/edgeplane/router:0.1.0' })).toEqual([
    'edge-image edgeImage',
  ]);
  expect(problemsOf({ servedBy: 'traefik' })).toEqual(['edge-version edgeImage']);
});

test('an ingress-nginx that is installed sees to its own image', () => {
  const { edgeImage: _, ...without } = environment;
  const outcome = compile({
    environment: { ...without, servedBy: 'ingress-nginx' },
    definitions: [],
    today: '2026-11-21',
  });
  expect(outcome.ok ? [] : outcome.problems).toEqual([]);
});
