import { expect, test } from 'vitest';
import { chooseCluster, contextsToTry, edgeNodeProblems } from '../../local/choose.ts';
import { edgeNodeLabel, edgeNodeTaint } from '../../local/topology.ts';

const contract = { label: edgeNodeLabel, taint: edgeNodeTaint };
const contexts = ['work', 'kind-edgeplane', 'k3d-edgeplane', 'kind-kind'];

test('what --context names comes before everything that is found', () => {
  const choice = chooseCluster({ wanted: 'work', contexts, reachable: ['work', 'kind-edgeplane'] });
  expect(choice).toMatchObject({ kind: 'existing', context: 'work' });
});

test('a --context that is not there is never replaced by another cluster', () => {
  const choice = chooseCluster({ wanted: 'wrok', contexts, reachable: ['kind-edgeplane'] });
  expect(choice).toEqual({
    kind: 'none',
    problem: '--context wrok: no such context in the kubeconfig; found work, kind-edgeplane, k3d-edgeplane, kind-kind',
  });
});

test('a --context that does not answer is never replaced by another cluster', () => {
  const choice = chooseCluster({ wanted: 'work', contexts, reachable: ['kind-edgeplane'] });
  expect(choice).toMatchObject({ kind: 'none', problem: expect.stringContaining('does not answer') });
});

test('a kind cluster made from our configuration comes before k3d, and both before the embedded one', () => {
  const among = (...reachable: readonly string[]) => chooseCluster({ wanted: undefined, contexts, reachable });
  expect(among('k3d-edgeplane', 'kind-edgeplane')).toMatchObject({ context: 'kind-edgeplane' });
  expect(among('k3d-edgeplane')).toMatchObject({ context: 'k3d-edgeplane' });
  expect(among()).toMatchObject({ kind: 'embedded' });
});

test('no cluster of another making is taken, or even asked, without being named', () => {
  expect(contextsToTry({ wanted: undefined, contexts })).toEqual(['kind-edgeplane', 'k3d-edgeplane']);
  expect(contextsToTry({ wanted: undefined, contexts: ['work', 'kind-kind'] })).toEqual([]);
  expect(contextsToTry({ wanted: 'work', contexts })).toEqual(['work']);
});

test('the reason is one line, whatever is chosen', () => {
  const choices = [
    chooseCluster({ wanted: undefined, contexts, reachable: [] }),
    chooseCluster({ wanted: 'work', contexts, reachable: ['work'] }),
    chooseCluster({ wanted: undefined, contexts, reachable: ['k3d-edgeplane'] }),
  ];
  for (const choice of choices) expect(choice).toMatchObject({ why: expect.stringMatching(/^[^\n]+$/) });
});

test('a node with label and taint is enough for an edge', () => {
  const edge = { name: 'a', labels: { role: 'edge-router' }, taints: [edgeNodeTaint] };
  expect(edgeNodeProblems([{ name: 'b', labels: {}, taints: [] }, edge], contract)).toEqual([]);
});

test('a cluster without a labelled node is told how to label one', () => {
  expect(edgeNodeProblems([{ name: 'b', labels: { role: 'other' }, taints: [] }], contract)).toEqual([
    'nodes: found b, none with label role=edge-router; run: kubectl label node NAME role=edge-router',
  ]);
});

test('every labelled node without the taint is named: pods of others would land on it', () => {
  const labels = { role: 'edge-router' };
  const nodes = ['a', 'b'].map((name) => ({ name, labels, taints: ['dedicated=edge-router:NoExecute'] }));
  expect(edgeNodeProblems(nodes, contract)).toEqual([
    expect.stringContaining('kubectl taint node a dedicated=edge-router:NoSchedule'),
    expect.stringContaining('kubectl taint node b dedicated=edge-router:NoSchedule'),
  ]);
});
