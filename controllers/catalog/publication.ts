import { printRule, call as ruleCall } from '../../components/dialects/traefik-rule.ts';
import {
  printTags,
  readTagAnnotations,
  type TraefikTag,
  tagAnnotationPrefix,
} from '../../components/dialects/traefik-tags.ts';
import { isV1Key, translateV1, type V1Translation } from '../../components/dialects/traefik-v1.ts';
import type { Finding } from '../../components/model/finding.ts';
import { formatPath } from '../../components/model/path.ts';
import { claimsOf } from './claims.ts';
import {
  fullName,
  type Notice,
  type PortView,
  type ServiceReference,
  type ServiceView,
  type Settings,
} from './model.ts';
import { consulNameOf, ownershipTag, portAnnotation, traefikName } from './names.ts';
import { judgeTags } from './tag-rules.ts';

/** A Service as it is to be published, before it is known on which nodes and whether somebody else has its names. */
export interface Publication {
  readonly view: ServiceView;
  readonly consulName: string;
  readonly port: PortView;
  readonly tags: readonly string[];
  readonly claims: readonly string[];
}

/** What one Service alone says: something to publish, or why not, or nothing that it asks for. */
export interface ServiceReading {
  readonly publication: Publication | null;
  readonly refused: readonly Notice[];
  readonly warnings: readonly Notice[];
}

/** Reads one Service; what others say plays no part. */
export function readPublication(view: ServiceView, settings: Settings): ServiceReading {
  const notes = new Notes(view);
  const port = choosePort(view, notes);
  const named = consulNameOf(view, settings.naming);
  if (!named.ok) notes.refused.push({ service: referenceOf(view), reason: 'BadName', note: named.note });
  const tags = named.ok ? tagsOf(view, named.name, settings, notes) : [];
  if (notes.refused.length > 0 || port === null || !named.ok) return { publication: null, ...notes.told() };
  const publication: Publication = {
    view,
    consulName: named.name,
    port,
    tags: printTags(tags, [ownershipTag(view.namespace)]),
    claims: claimsOf(named.name, tags),
  };
  return { publication, ...notes.told() };
}

/** Reads Services of one kind of publisher. */
export type ServiceReader = (view: ServiceView) => ServiceReading;

/** Reads each Service once: a view never changes, another takes its place. */
export function createServiceReader(settings: Settings): ServiceReader {
  const known = new WeakMap<ServiceView, ServiceReading>();
  return (view) => {
    const reading = known.get(view) ?? readPublication(view, settings);
    known.set(view, reading);
    return reading;
  };
}

export function referenceOf({ namespace, name, uid }: ServiceView): ServiceReference {
  return { namespace, name, uid };
}

class Notes {
  readonly refused: Notice[] = [];
  readonly warnings: Notice[] = [];

  constructor(private readonly view: ServiceView) {}

  told(): { readonly refused: readonly Notice[]; readonly warnings: readonly Notice[] } {
    return { refused: this.refused, warnings: this.warnings };
  }

  add(weight: 'refused' | 'warning', reason: string, note: string): void {
    const notice = { service: referenceOf(this.view), reason, note: `Service ${fullName(this.view)}: ${note}` };
    (weight === 'refused' ? this.refused : this.warnings).push(notice);
  }

  findings(weight: 'refused' | 'warning', reason: string, findings: readonly Finding[]): void {
    for (const { path, found, expected, fix } of findings) {
      this.add(weight, reason, `${formatPath(path)}: found ${found}, expected ${expected}. ${fix}`);
    }
  }
}

const isAnnotated = ({ annotations }: ServiceView) =>
  Object.keys(annotations).some((name) => name.startsWith(tagAnnotationPrefix));

/** The annotated one, else the only one, else the first that is not UDP: what `kubectl expose` and others take, too. */
function choosePort(view: ServiceView, notes: Notes): PortView | null {
  if (view.type !== 'NodePort') {
    notes.add('refused', 'NotNodePort', `found type ${view.type}, expected NodePort. Change spec.type.`);
    return null;
  }
  const ports = view.ports.filter(({ nodePort }) => nodePort > 0);
  const asked = view.annotations[portAnnotation]?.trim();
  const chosen =
    asked === undefined
      ? (ports.find(({ protocol }) => protocol === 'TCP') ?? ports[0])
      : ports.find(({ name, port }) => name === asked || String(port) === asked);
  if (chosen !== undefined) return chosen;
  const known = ports.map(({ name, port }) => (name === '' ? String(port) : name)).join(', ') || 'none';
  const found = asked === undefined ? 'no port' : `${portAnnotation} ${JSON.stringify(asked.slice(0, 60))}`;
  notes.add('refused', 'NoPort', `found ${found}, expected one of the ports with a nodePort: ${known}. Name one.`);
  return null;
}

function tagsOf(view: ServiceView, consulName: string, settings: Settings, notes: Notes): readonly TraefikTag[] {
  if (!isAnnotated(view)) return settings.defaultDomain === null ? [] : defaultTags(consulName, settings.defaultDomain);
  const read = readTagAnnotations(view.annotations);
  notes.findings('refused', 'BadTag', read.findings);
  const translation = inTodaysWords(read.tags, consulName, settings.v1);
  notes.findings('refused', 'TraefikV1', translation.problems);
  notes.findings('warning', 'TraefikV1', translation.warnings);
  const today = translation.tags.filter(({ key }) => !isV1Key(key));
  for (const { weight, reason, note } of judgeTags(consulName, today)) notes.add(weight, reason, note);
  return translation.tags;
}

function inTodaysWords(tags: readonly TraefikTag[], consulName: string, v1: Settings['v1']): V1Translation {
  if (v1 === 'verbatim') return { tags, warnings: [], problems: [] };
  const translation = translateV1(tags, { name: traefikName(consulName) });
  if (v1 === 'translate') return translation;
  return { ...translation, tags: [...translation.tags, ...tags.filter(({ key }) => isV1Key(key))] };
}

/** A virtual host of the Consul name below the domain, as Traefik's own default rule made it. */
function defaultTags(consulName: string, domain: string): readonly TraefikTag[] {
  const host = `${traefikName(consulName)}.${domain}`.toLowerCase();
  return [
    { key: 'enable', value: 'true' },
    { key: `http.routers.${traefikName(consulName)}.rule`, value: printRule(ruleCall('Host', host)) },
  ];
}
