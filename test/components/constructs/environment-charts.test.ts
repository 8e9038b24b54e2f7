import { App } from 'cdk8s';
import { expect, test } from 'vitest';
import { compile } from '../../../components/compile/compile.ts';
import type { KubeObject } from '../../../components/compile/output.ts';
import { environmentCharts } from '../../../components/constructs/environment-charts.ts';
import { stacks } from '../../../stacks/stacks.ts';

const today = '2026-11-21';

function byIdentity(objects: readonly KubeObject[]): readonly [string, KubeObject][] {
  return objects
    .map((object): [string, KubeObject] => {
      const { namespace = '', name } = object.metadata;
      return [`${object.apiVersion} ${object.kind} ${namespace}/${name}`, object];
    })
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

test.each(Object.keys(stacks))('cdk8s writes for %s the objects that render writes', async (name) => {
  const { environment, apps } = await stacks[name]!();
  const outcome = compile({ environment, definitions: apps.map((input) => ({ input })), today });
  const charts = environmentCharts(new App(), { ...environment, today }, apps);
  const written = charts.flatMap(({ chart }) => chart.toJson());
  expect(outcome.ok && byIdentity(outcome.groups.flatMap(({ objects }) => objects))).toEqual(byIdentity(written));
});

test('each app has a folder of its own, CRDs and platform stand apart', async () => {
  const { environment, apps } = await stacks.production!();
  const charts = environmentCharts(new App(), { ...environment, today }, apps);
  expect(charts.map(({ folder }) => folder)).toEqual([
    'crds',
    'platform',
    'admission/forward-auth',
    'admission/pybackend',
    'admission/rbackend',
    'monitoring/dashboards',
  ]);
  for (const { folder, chart } of charts) {
    const kinds = new Set(chart.toJson().map(({ kind }) => kind));
    expect(kinds.has('CustomResourceDefinition')).toBe(folder === 'crds');
  }
});

test('an edge without CRDs has no folder for them', async () => {
  const { environment, apps } = await stacks.nginx!();
  const charts = environmentCharts(new App(), { ...environment, today }, apps);
  expect(charts.map(({ folder }) => folder)).toEqual(['platform', 'web/httpd', 'web/tomcat', 'web/gate', 'web/whoami']);
});
