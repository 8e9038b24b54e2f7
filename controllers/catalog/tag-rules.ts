import { type TraefikTag, tagBytes, tagLimits, tagsFit } from '../../components/dialects/traefik-tags.ts';
import { traefikName } from './names.ts';

/** One thing that is wrong with the tags of a Service, in words for its author. */
export interface TagProblem {
  /** `refused` keeps the Service out of the catalog. */
  readonly weight: 'refused' | 'warning';
  readonly reason: string;
  /** What was found, what was expected, how to mend it. */
  readonly note: string;
}

/** What no author of a Service may say, and what Traefik would not hear. */
export function judgeTags(consulName: string, tags: readonly TraefikTag[]): readonly TagProblem[] {
  return [...tooMuch(tags), ...tags.flatMap((tag) => judgeTag(consulName, tag, tags)), ...unlinkedRouters(tags)];
}

function tooMuch(tags: readonly TraefikTag[]): readonly TagProblem[] {
  if (tagsFit(tags)) return [];
  const note =
    `found ${tags.length} tags of ${tagBytes(tags)} bytes, expected at most ${tagLimits.tags} and ${tagLimits.bytes}. ` +
    'Say less, or in several Services.';
  return [{ weight: 'refused', reason: 'TooManyTags', note }];
}

function judgeTag(consulName: string, { key, value }: TraefikTag, tags: readonly TraefikTag[]): readonly TagProblem[] {
  const folded = key.toLowerCase();
  if (folded.startsWith('tls.')) {
    const note = `found the tag ${key}, expected none for TLS: certificates belong to the edge. Take it out.`;
    return [{ weight: 'refused', reason: 'TagNotAllowed', note }];
  }
  if (/^(?:http|tcp|udp)\.services\.[^.]+\.loadbalancer\.servers?(?:\[\d+\])?\.(?:url|port|address)$/.test(folded)) {
    const note = `found the tag ${key}, expected none: requests go to the NodePort of the Service. Take it out.`;
    return [{ weight: 'refused', reason: 'TagNotAllowed', note }];
  }
  if (/^(?:http|tcp|udp)\.routers\.[^.]+\.service$/.test(folded)) return judgeTarget(consulName, key, value, tags);
  if (folded !== 'enable' && !/^(?:http|tcp|udp)\.|^consulcatalog\.(?:connect|canary)$/.test(folded)) {
    const note = `found the tag ${key}, expected a label of Traefik 3, which takes no notice of it. Take it out.`;
    return [{ weight: 'warning', reason: 'TagIgnored', note }];
  }
  return [];
}

/** A router may lead to a service of the same Consul service only, never to another's or to Traefik's own API. */
function judgeTarget(
  consulName: string,
  key: string,
  value: string,
  tags: readonly TraefikTag[],
): readonly TagProblem[] {
  const [protocol = ''] = key.toLowerCase().split('.');
  const start = `${protocol}.services.`;
  const defined = tags
    .map((tag) => tag.key.toLowerCase())
    .filter((other) => other.startsWith(start))
    .map((other) => other.slice(start.length).split('.')[0] ?? '');
  const own = defined.length === 0 ? [traefikName(consulName).toLowerCase()] : [...new Set(defined)].toSorted();
  if (own.includes(value.toLowerCase().replace(/@consulcatalog$/, ''))) return [];
  const found = JSON.stringify(value.slice(0, 60));
  const note = `found ${found} as ${key}, expected a service of these tags: ${own.join(', ')}. Name it, or take the tag out.`;
  return [{ weight: 'refused', reason: 'TagNotAllowed', note }];
}

/** Traefik drops a router that could lead to several services. */
function unlinkedRouters(tags: readonly TraefikTag[]): readonly TagProblem[] {
  const keys = tags.map(({ key }) => key.toLowerCase());
  return ['http', 'tcp', 'udp'].flatMap((protocol) => {
    const named = (kind: string) => [
      ...new Set(keys.filter((key) => key.startsWith(`${protocol}.${kind}.`)).map((key) => key.split('.')[2] ?? '')),
    ];
    if (named('services').length < 2) return [];
    return named('routers')
      .filter((router) => !keys.includes(`${protocol}.routers.${router}.service`))
      .map((router): TagProblem => {
        const note =
          `found several ${protocol} services and the router ${router} without one, expected one of ` +
          `${named('services').toSorted().join(', ')}. Add the tag ${protocol}.routers.${router}.service.`;
        return { weight: 'refused', reason: 'RouterWithoutService', note };
      });
  });
}
