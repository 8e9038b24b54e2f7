import type { EventWriter } from '../loop/events.ts';
import type { Log } from '../loop/log.ts';
import type { Metrics } from '../loop/metrics.ts';
import type { Applied } from './nginx/edge.ts';
import type { Owner, Rejection } from './routing-table.ts';
import type { Served } from './served.ts';

/** Tells what is served and what is not: in metrics, in the log once when it changes, and on the object by an Event. */
export interface Reporter {
  readonly report: (served: Served, applied: Applied) => void;
}

const apiVersions: Readonly<Record<Owner['kind'], string>> = {
  Pod: 'v1',
  Ingress: 'networking.k8s.io/v1',
  Namespace: 'v1',
};

/** Lines a report may write; a namespace with ten thousand bad pods does not fill the disk. */
const mostLines = 100;

export function createReporter({
  events,
  log,
  metrics,
}: {
  readonly events: Pick<EventWriter, 'tell'>;
  readonly log: Log;
  readonly metrics: Metrics;
}): Reporter {
  const numbers = { routes: 0, rejected: 0 };
  const reloads = metrics.counter('reloads_total', 'Configurations that nginx has taken over.');
  metrics.gauge('routes', 'Routes that are served.', () => numbers.routes);
  metrics.gauge('rejected', 'Reasons for which something is not served.', () => numbers.rejected);
  let before: ReadonlySet<string> = new Set();
  return {
    report(served, applied) {
      const rejections = [...served.rejections, ...applied.rejections];
      numbers.routes = applied.routes;
      numbers.rejected = rejections.length;
      if (applied.reloaded) {
        reloads.add();
        log('info', 'served', { generation: applied.generation, routes: applied.routes });
      }
      for (const rejection of rejections) events.tell(tellingOf(rejection));
      const now = new Map<string, { readonly owner: Owner; readonly text: string; readonly event: string }>();
      for (const { owner, reason, message } of rejections)
        now.set(`${ownerName(owner)} ${reason} ${message}`, {
          owner,
          text: `${reason}: ${message}`,
          event: 'rejected',
        });
      for (const { owner, why } of served.idle)
        now.set(`${ownerName(owner)} ${why}`, { owner, text: why, event: 'idle' });
      const fresh = [...now].filter(([key]) => !before.has(key)).map(([, entry]) => entry);
      for (const { owner, text, event } of fresh.slice(0, mostLines))
        log('info', event, { object: ownerName(owner), why: text });
      if (fresh.length > mostLines) log('info', 'more', { lines: fresh.length - mostLines });
      before = new Set(now.keys());
    },
  };
}

function tellingOf({ owner, reason, message }: Rejection) {
  const { kind, name, namespace, uid } = owner;
  const whose = kind === 'Namespace' ? {} : { namespace };
  const regarding = { apiVersion: apiVersions[kind], kind, name, ...whose, uid };
  return { regarding, reason, action: 'Route', note: message };
}

function ownerName({ kind, namespace, name }: Owner): string {
  return kind === 'Namespace' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}
