import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judge } from '../../policies/judge/judge.ts';
import { kubernetesSubjects, pulumiSubjects } from '../../policies/judge/subject.ts';
import { rules } from '../../policies/rules/all.ts';
import { corpus } from './corpus.ts';
import { today } from './roads.ts';

const around = { environment: 'production', production: true };
const options = { rules, exemptions: [], today };

/** A value with some leaf or branch replaced by anything. */
function spoilt(value: unknown): fc.Arbitrary<unknown> {
  if (typeof value !== 'object' || value === null)
    return fc.oneof({ weight: 8, arbitrary: fc.constant(value) }, fc.jsonValue());
  if (Array.isArray(value)) return fc.oneof({ weight: 8, arbitrary: fc.tuple(...value.map(spoilt)) }, fc.jsonValue());
  const fields = Object.fromEntries(Object.entries(value).map(([name, field]) => [name, spoilt(field)]));
  return fc.oneof({ weight: 8, arbitrary: fc.record(fields) }, fc.jsonValue());
}

const written = corpus.flatMap(({ pass, fail }) => [...pass, ...fail]);

test('no object of any form makes a rule throw, and the same objects get the same verdict twice', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...written).chain(spoilt), { maxLength: 6 }), (objects) => {
      const verdict = () => {
        const kubernetes = kubernetesSubjects(
          objects.map((object) => ({ object })),
          around,
        );
        const clouds = objects.flatMap((inputs, index) =>
          pulumiSubjects(
            {
              type: index % 2 === 0 ? 'gcp:container/cluster:Cluster' : 'gcp:container/nodePool:NodePool',
              name: 'x',
              urn: `urn:${index}`,
              properties: inputs,
              encrypted: [],
            },
            around,
          ),
        );
        return judge([...kubernetes, ...clouds], options).violations.map(
          ({ rule, at, found }) => `${rule.id} ${at.subject} ${at.path} ${found}`,
        );
      };
      expect(verdict()).toEqual(verdict());
    }),
    { numRuns: 300 },
  );
});

test('a secret is never told, whatever it is', () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9]{12,40}$/);
  fc.assert(
    fc.property(secret, (value) => {
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'a', namespace: 'b' },
        spec: {
          containers: [
            {
              name: 'a',
              env: [
                { name: 'DB_PASSWORD', value },
                { name: 'DSN', value: `postgres://u:${value}@db/x` },
              ],
            },
          ],
        },
      };
      const config = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'a' },
        data: { dsn: `amqp://u:${value}@q/` },
      };
      const opaque = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, stringData: { key: value } };
      const { violations } = judge(
        kubernetesSubjects(
          [pod, config, opaque].map((object) => ({ object })),
          around,
        ),
        options,
      );
      expect(violations.filter(({ rule }) => rule.id.startsWith('secret-in-'))).toHaveLength(4);
      expect(violations.map(({ found, expected, fix }) => found + expected + fix).join('\n')).not.toContain(value);
    }),
  );
});

test('one file makes the PolicyPack: making it starts a server', () => {
  const root = resolve(__dirname, '../../policies');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const making = files.filter((file) => readFileSync(join(root, file), 'utf8').includes('new PolicyPack'));
  expect(making).toEqual(['index.ts']);
});
