import type { KnownObjects } from './known-objects.ts';
import { at, type FoundObject, listAt, type Note, type NoteText, textAt } from './kube-object.ts';

/** A service that a router of Traefik's sends to. */
export interface ServiceReference {
  readonly kind: string;
  readonly id: string;
  readonly words: string;
  readonly managed: boolean;
  /** What cannot be told of it. */
  readonly notes: readonly (NoteText & Pick<Note, 'severity'>)[];
}

/** TraefikServices lead to others; deeper than this nobody means it. */
const deepestService = 4;

/** Where requests go, TraefikServices followed to the Services behind them, with the share that each gets. */
export function servicesOf(
  object: FoundObject,
  entries: readonly unknown[],
  known: KnownObjects,
  share = 1,
  depth = 0,
): readonly ServiceReference[] {
  const weights = entries.map((entry) => Number(textAt(entry, 'weight') || '1'));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return entries.flatMap((entry, index) => {
    const own = total === 0 ? 0 : (share * (weights[index] ?? 1)) / total;
    const name = textAt(entry, 'name');
    const id = `${textAt(entry, 'namespace') || object.namespace}/${name}`;
    const kind = name.includes('@') ? 'foreign' : textAt(entry, 'kind') || 'Service';
    const found = kind === 'TraefikService' ? known.traefikServices.get(id) : undefined;
    const behind = servicesBehind(found);
    if (found !== undefined && behind.length > 0 && depth < deepestService)
      return servicesOf(found, behind, known, own, depth + 1).map((one) => ({
        ...one,
        notes: [...one.notes, ...copiesOf(found)],
      }));
    const words =
      own === 1 ? plainWords(kind, id, entry) : `${plainWords(kind, id, entry)} (${Math.round(100 * own)}%)`;
    const managed = object.labels['app.kubernetes.io/managed-by'] === 'edgeplane';
    return [{ kind, id, words, managed, notes: kind === 'TraefikService' ? [untold(id, found)] : [] }];
  });
}

/** The services among which requests are shared out, or the first one of a mirror or a failover. */
function servicesBehind(found: FoundObject | undefined): readonly unknown[] {
  const spec = at(found?.body, 'spec');
  const shared = [...listAt(spec, 'weighted', 'services'), ...listAt(spec, 'highestRandomWeight', 'services')];
  const first = [at(spec, 'mirroring'), at(spec, 'failover', 'service')].filter((one) => textAt(one, 'name') !== '');
  return [...shared, ...first];
}

/** Copies of requests that a mirror sends elsewhere as well. */
function copiesOf(found: FoundObject): ServiceReference['notes'] {
  const names = listAt(found.body, 'spec', 'mirroring', 'mirrors').map((mirror) => textAt(mirror, 'name'));
  if (names.length === 0) return [];
  const note = {
    severity: 'note' as const,
    code: 'mirror',
    found: `${found.subject}, which sends copies of requests to ${names.join(', ')}`,
    expected: 'a route to one service',
    fix: 'Nothing has to be mended for it; no field of a route says it.',
  };
  return [note];
}

function plainWords(kind: string, id: string, entry: unknown): string {
  const port = textAt(entry, 'port');
  if (kind === 'foreign') return id.slice(id.indexOf('/') + 1);
  return kind === 'Service' ? `${id}${port === '' ? '' : `:${port}`}` : `${kind} ${id}`;
}

function untold(id: string, found: FoundObject | undefined): ServiceReference['notes'][number] {
  return {
    severity: 'error',
    code: 'unread-service',
    found:
      found === undefined
        ? `TraefikService ${id}, which is not among these objects`
        : `TraefikService ${id}, which is no list of services, mirror or failover`,
    expected: 'a Service, or a TraefikService with weights that can be read',
    fix: 'Read the file that has it too, and compare by hand where its requests go.',
  };
}
