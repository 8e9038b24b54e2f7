import type { ParsedEnvironment } from '../definition.ts';
import type { Finding } from '../finding.ts';
import { protectionFindings } from './protection.ts';
import { type Rule, unless } from './rule.ts';

/** What the fields of one environment must say together. */
export const environmentRules: readonly Rule<ParsedEnvironment>[] = [
  { reads: ['protection'], check: ({ protection }) => protectionFindings(protection, ['protection']) },
  { reads: ['existingEdge', 'edge'], check: existingEdge },
  { reads: ['exposure'], check: hostPorts },
  { reads: ['trustedProxies'], check: trustedProxies },
  { reads: ['acceptedLosses'], check: lossesTwice },
  { reads: ['edgeNamespace', 'namespace'], check: namespaces },
];

function existingEdge({ existingEdge: installed, edge }: ParsedEnvironment): readonly Finding[] {
  return unless(
    installed === undefined || edge === 'traefik' || edge === 'gateway',
    'existing-edge',
    ['existingEdge'],
    {
      found: `a Traefik that is installed, and edge ${edge}`,
      expected: 'edge traefik or gateway',
      fix: 'Remove existingEdge, or change edge.',
    },
  );
}

function hostPorts({ exposure }: ParsedEnvironment): readonly Finding[] {
  const { http = 80, https = 443 } = 'hostPort' in exposure ? exposure.hostPort : {};
  return unless(http !== https, 'host-ports', ['exposure', 'hostPort'], {
    found: `port ${http} for http and https`,
    expected: 'two ports',
    fix: 'Give https a port of its own.',
  });
}

function trustedProxies({ trustedProxies: trusted }: ParsedEnvironment): readonly Finding[] {
  return (trusted ?? []).flatMap((range, index) =>
    unless(!range.endsWith('/0'), 'trusts-everyone', ['trustedProxies', index], {
      found: `${range}, which is every address`,
      expected: 'the addresses of the proxies in front of the edge',
      fix: 'Write their ranges: anyone else could say who the client is.',
    }),
  );
}

function lossesTwice({ acceptedLosses }: ParsedEnvironment): readonly Finding[] {
  return (acceptedLosses ?? []).flatMap(({ name, at }, index, all) =>
    unless(
      !all.slice(0, index).some((other) => other.name === name && other.at === at),
      'loss-twice',
      ['acceptedLosses', index],
      {
        found: `${name} at ${at} again`,
        expected: 'each loss accepted once',
        fix: 'Remove one of the two.',
      },
    ),
  );
}

function namespaces({ edgeNamespace, namespace }: ParsedEnvironment): readonly Finding[] {
  return unless(edgeNamespace !== namespace, 'edge-namespace', ['edgeNamespace'], {
    found: `the namespace of the apps, ${namespace}`,
    expected: 'a namespace that is the edge’s alone',
    fix: 'Remove edgeNamespace, or give the edge another one.',
  });
}
