import { expect, test } from 'vitest';
import { existingLosses } from '../../../../../components/compile/edges/traefik/existing.ts';
import { environmentPlan } from '../plans.ts';

const characters = ['Slash', 'BackSlash', 'NullCharacter', 'Semicolon', 'Percent', 'QuestionMark', 'Hash'];
const right = [
  '--providers.kubernetescrd.allowEmptyServices=true',
  '--providers.kubernetescrd.ingressClass=edge',
  ...['web', 'websecure'].flatMap((door) => [
    `--entryPoints.${door}.address=:8000`,
    `--entrypoints.${door}.http.aliasHeadersStrategy=delete`,
    ...characters.map((name) => `--entrypoints.${door}.http.encodedCharacters.allowEncoded${name}=${name === 'Slash'}`),
  ]),
];

function names(args: readonly string[], version = '3.7.13'): readonly string[] {
  const existing = { version, args, namespace: 'traefik', ingressClass: 'edge' };
  return existingLosses(environmentPlan({ kind: 'cloud', existingEdge: existing }), existing, []).map(
    ({ name }) => name,
  );
}

const always = 'traefik/existing-dot-segments';
const without = (start: string) => right.filter((arg) => !arg.toLowerCase().startsWith(start));

test('an edge with every option right loses only what needs a file of ours', () => {
  expect(names(right)).toEqual([always]);
});

test.each([
  ['v3.7.12', right, 'version'],
  ['3.8.0', [], 'provider'],
  ['3.7.13', without('--entrypoints.websecure.address'), 'entry-points'],
  ['3.7.13', without('--providers.kubernetescrd.ingressclass'), 'class'],
  ['3.7.13', without('--providers.kubernetescrd.allowemptyservices'), 'empty-services'],
  ['3.7.13', [...right, '--providers.kubernetescrd.labelselector=a=b'], 'label-selector'],
  ['3.7.13', [...right, '--providers.kubernetescrd.allowexternalnameservices'], 'external-names'],
  ['3.7.13', without('--entrypoints.web.http.encodedcharacters.allowencodedpercent'), 'encoded-characters'],
  ['3.7.13', without('--entrypoints.web.http.aliasheadersstrategy'), 'header-spelling'],
  ['3.7.13', [...right, '--entrypoints.web.forwardedheaders.insecure', 'true'], 'trusted-senders'],
  ['3.7.13', [...right, '--entrypoints.web.forwardedheaders.trustedips=0.0.0.0/0'], 'trusted-senders'],
  ['3.7.13', [...right, '--entrypoints.web.http.redirections.entrypoint.to=websecure'], 'redirects'],
])('version %s with %#: the broken guarantee is named %s', (version, args, loss) => {
  expect(names(args, version)).toContain(`traefik/existing-${loss}`);
});

test('a loss of an existing edge says which option to set', () => {
  const existing = {
    version: '3.7.13',
    args: without('--providers.kubernetescrd.allowempty'),
    namespace: 't',
    ingressClass: 'edge',
  };
  const [loss] = existingLosses(environmentPlan({ existingEdge: existing }), existing, []);
  expect(loss?.fix).toBe('Start that Traefik with --providers.kubernetescrd.allowemptyservices=true.');
});
