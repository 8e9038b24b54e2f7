import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { capabilities, lossOf } from '../../../../components/compile/edges/capability.ts';
import { capabilityTable } from '../../../../components/compile/edges/capability-table.ts';
import { catalogVerdicts } from '../../../../components/compile/edges/catalog/verdicts.ts';
import {
  ingressNginxVerdicts,
  nginxVerdicts,
  traefikVerdicts,
} from '../../../../components/compile/edges/nginx/verdicts.ts';
import { podsVerdicts } from '../../../../components/compile/edges/pods/verdicts.ts';
import type { ServedEdge } from '../../../../components/compile/edges/verdict.ts';
import { exceptions, suitesOn } from '../../../conformance/exceptions.ts';
import { suites } from '../../../conformance/vectors.ts';

const at = { subject: 'app apps/shop', path: 'routes[0]' };

test('docs/edges.md holds the capability table as it is', () => {
  const text = readFileSync(join(__dirname, '../../../../docs/edges.md'), 'utf8');
  expect(text).toContain(capabilityTable());
});

test('names of capabilities are unique', () => {
  const names = capabilities.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test('a loss says what is asked, what happens instead and how to mend it', () => {
  expect(lossOf('traefik', 'unknown-host-close', at)).toEqual({
    name: 'traefik/unknown-host-close',
    at,
    asked: '`unknownHost: close`',
    instead: 'a host without routes gets 404',
    fix: "Set unknownHost: '404', or take the nginx or pods edge.",
  });
});

test('only a row that is called a loss gives one', () => {
  expect(() => lossOf('traefik', 'rewrite', at)).toThrow('no loss traefik/rewrite in the table');
});

test('a vector expects something else of an edge only where its row says that it differs', () => {
  const found = (Object.keys(exceptions) as ServedEdge[]).flatMap((edge) => suitesOn(edge));
  const differing = [...suites, ...found].flatMap(({ vectors }) =>
    vectors.flatMap(({ id, differs = {} }) =>
      Object.entries(differs).map(([edge, { capability }]) => ({ id, edge, capability })),
    ),
  );
  const unspoken = differing.filter(({ edge, capability }) => {
    const row = capabilities.find(({ name }) => name === capability);
    return !['differs', 'loss'].includes(row?.edges[edge as 'traefik']?.verdict ?? 'kept');
  });
  expect(unspoken).toEqual([]);
});

test('a column of an edge names rows of the table and no others', () => {
  const rows = new Set(capabilities.map(({ name }) => name));
  const columns = [nginxVerdicts, traefikVerdicts, ingressNginxVerdicts, podsVerdicts, catalogVerdicts];
  expect(columns.flatMap((column) => Object.keys(column)).filter((name) => !rows.has(name))).toEqual([]);
});

test('every exception of an edge is one of a vector', () => {
  const ids = new Set(suites.flatMap(({ vectors }) => vectors.map(({ id }) => id)));
  const named = Object.values(exceptions).flatMap((own) => Object.keys(own));
  expect(named.filter((id) => !ids.has(id))).toEqual([]);
});

test('ids of vectors are unique', () => {
  const ids = suites.flatMap(({ vectors }) => vectors.map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
});
