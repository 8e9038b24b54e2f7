import type { Plan, VolumePlan } from './plan.ts';

/** A Secret that objects of a plan refer to, with the keys they read. Its values are made once and kept. */
export interface WantedSecret {
  readonly namespace: string;
  readonly name: string;
  /** `kubernetes.io/basic-auth` has the keys `username` and `password`. */
  readonly type: 'Opaque' | 'kubernetes.io/basic-auth';
  /** Sorted. */
  readonly keys: readonly string[];
}

interface Mention {
  readonly namespace: string;
  readonly name: string;
  readonly keys: readonly string[];
  readonly basic?: true;
}

/**
 * Every Secret that routes check keys against and containers read keys of, less those that a store has. Certificates
 * are left out, and so are Secrets that are mounted whole: nobody knows which keys those need.
 */
export function wantedSecrets(plan: Plan): readonly WantedSecret[] {
  const fetched = new Set(fetchedSecrets(plan).map(idOf));
  return gathered([...routeMentions(plan), ...appMentions(plan)]).filter((secret) => !fetched.has(idOf(secret)));
}

/** Those of them that callers of routes must show: nobody else makes them. */
export function routingSecrets(plan: Plan): readonly WantedSecret[] {
  return plan.environment.secretStore === null ? gathered(routeMentions(plan)) : [];
}

/** The routing Secrets that come from the store of the environment; none without one. */
export function fetchedSecrets(plan: Plan): readonly WantedSecret[] {
  return plan.environment.secretStore === null ? [] : gathered(routeMentions(plan));
}

const idOf = ({ namespace, name }: Pick<WantedSecret, 'namespace' | 'name'>) => `${namespace}/${name}`;

function gathered(mentions: readonly Mention[]): readonly WantedSecret[] {
  const wanted = new Map<string, WantedSecret>();
  for (const { namespace, name, keys, basic } of mentions) {
    const id = idOf({ namespace, name });
    const known = wanted.get(id);
    const type = basic === true || known?.type === 'kubernetes.io/basic-auth' ? 'kubernetes.io/basic-auth' : 'Opaque';
    const all = [...new Set([...(known?.keys ?? []), ...keys])].toSorted();
    wanted.set(id, { namespace, name, type, keys: all });
  }
  return [...wanted.values()];
}

function routeMentions({ routes }: Plan): readonly Mention[] {
  return routes.flatMap(({ namespace, protection }): readonly Mention[] => {
    switch (protection.kind) {
      case 'apiKey':
      case 'bearer':
        return [{ namespace, name: protection.secret, keys: [protection.key] }];
      case 'basicAuth':
        return [{ namespace, name: protection.secret, keys: ['password', 'username'], basic: true }];
      case 'open':
      case 'forwardAuth':
        return [];
      default:
        return protection satisfies never;
    }
  });
}

function appMentions({ apps }: Plan): readonly Mention[] {
  return apps.flatMap(({ namespace, workload }) => {
    if (workload === null) return [];
    const containers = [...workload.containers, ...workload.initContainers];
    const fromEnv = containers
      .flatMap(({ env }) => env)
      .flatMap(({ source }) =>
        source.kind === 'secret' ? [{ namespace, name: source.name, keys: [source.key] }] : [],
      );
    return [...fromEnv, ...workload.volumes.flatMap((volume) => volumeMention(namespace, volume))];
  });
}

function volumeMention(namespace: string, volume: VolumePlan): readonly Mention[] {
  if (volume.kind !== 'secret' || volume.items === null) return [];
  return [{ namespace, name: volume.source, keys: volume.items.map(({ key }) => key) }];
}
