import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile } from '../../../components/compile/compile.ts';
import { defineApp } from '../../../components/model/define.ts';
import { type ResourcePlan, resourcePlans } from '../../../components/pulumi/objects/resource-plan.ts';
import { environment } from '../../../stacks/local.ts';

const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}(?:-[a-z0-9]{1,6})?$/);
const route = fc.record({
  host: label.map((name) => `${name}.example.org`),
  path: fc.array(label, { maxLength: 3 }).map((segments) => `/${segments.join('/')}`),
});
type Route = typeof route extends fc.Arbitrary<infer R> ? R : never;

/** By host and path: the same twice would be a problem. */
const routes = fc.uniqueArray(route, { minLength: 1, maxLength: 8, selector: ({ host, path }) => `${host}${path}` });

/** The resources of the apps that have these routes, app `first` all but the last of them. */
function plansOf(name: string, own: readonly Route[]): readonly ResourcePlan[] {
  const apps = [name, `${name}-2`].map((app, index) =>
    defineApp({
      name: app,
      image: 'registry.example.org/app:1.0.0',
      ports: { http: 8080 },
      probes: { readiness: { check: { tcp: {} } } },
      routes: own.map(({ host, path }) => ({
        hosts: [index === 0 ? host : `other-${host}`],
        paths: [path],
        protection: { open: 'a law about names asks nobody' },
      })),
    }),
  );
  const outcome = compile({
    environment: { ...environment, overlays: {} },
    definitions: apps.map((input) => ({ input })),
    today: '2026-11-21',
  });
  if (!outcome.ok) throw new Error(JSON.stringify([outcome.problems, outcome.losses]));
  const objects = outcome.groups.filter(({ kind }) => kind === 'app').flatMap((group) => group.objects);
  return resourcePlans(objects, { balanced: true, protectData: true });
}

/** What a URN is made of, beside stack, project and parent: the type and the name. */
const identityOf = ({ name, object }: ResourcePlan) => `${object.apiVersion} ${object.kind} ${name}`;

test('no two resources have one URN, whatever apps and routes are called', () => {
  fc.assert(
    fc.property(label, routes, (name, own) => {
      const identities = plansOf(name, own).map(identityOf);
      expect(new Set(identities).size).toBe(identities.length);
    }),
    { numRuns: 60 },
  );
});

test('an added route leaves every URN that was there, and the order of routes decides none', () => {
  fc.assert(
    fc.property(label, routes, (name, own) => {
      const all = new Set(plansOf(name, own).map(identityOf));
      const before = plansOf(name, own.slice(0, -1)).map(identityOf);
      expect(before.filter((identity) => !all.has(identity))).toEqual([]);
      expect(new Set(plansOf(name, own.toReversed()).map(identityOf))).toEqual(all);
    }),
    { numRuns: 60 },
  );
});
