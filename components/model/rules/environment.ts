import { isPrivateRange } from '../address.ts';
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
  { reads: ['catalog', 'edge'], check: catalog },
  { reads: ['exposure', 'edge'], check: internalRanges },
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

function catalog({ catalog: consul, edge }: ParsedEnvironment): readonly Finding[] {
  return unless((edge === 'catalog') === (consul !== undefined), 'catalog', ['catalog'], {
    found: consul === undefined ? 'edge catalog, and no catalog' : `a catalog, and edge ${edge}`,
    expected: 'catalog.consul where the edge is catalog, and nowhere else',
    fix: consul === undefined ? 'Write catalog: { consul: "host:port" }.' : 'Remove catalog, or change edge.',
  });
}

/** The internal edge is for private addresses alone: one range that is not would open it to others. */
function internalRanges({ exposure, edge }: ParsedEnvironment): readonly Finding[] {
  const ranges = 'loadBalancer' in exposure ? (exposure.loadBalancer.sourceRanges ?? []) : [];
  if (edge !== 'catalog') return [];
  return ranges.flatMap((range, index) =>
    unless(isPrivateRange(range), 'internal-range', ['exposure', 'loadBalancer', 'sourceRanges', index], {
      found: `${range}, which holds public addresses`,
      expected: 'private ranges (RFC 1918, RFC 4193)',
      fix: 'Write the ranges of your own networks, or take the edge traefik.',
    }),
  );
}
