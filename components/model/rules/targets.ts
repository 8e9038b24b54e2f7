import { listOf } from '../expected.ts';
import type { Finding } from '../finding.ts';
import type { Path } from '../path.ts';
import { showName } from '../shown.ts';
import { unless } from './rule.ts';

/** Ports that a route of a definition may name, and what is spoken on each. */
export type RoutePorts = Readonly<Record<string, { readonly number: number; readonly protocol: string }>>;

type Target =
  | string
  | number
  | {
      readonly app?: string | undefined;
      readonly port?: string | number | undefined;
      readonly weight?: number | undefined;
    };

interface Leading {
  readonly to?: Target | readonly Target[] | undefined;
  readonly redirect?: unknown;
}

/** Where a route leads, as far as its own definition can tell. Ports of other apps are found when references are resolved. */
export function targetFindings(route: Leading, path: Path, ports: RoutePorts | undefined): readonly Finding[] {
  if (route.redirect !== undefined) return [];
  const { to } = route;
  if (to === undefined) return ownPort(undefined, [...path, 'to'], ports);
  if (!Array.isArray(to)) return targetPort(to as Target, [...path, 'to'], ports);
  const targets = to as readonly Target[];
  return [
    ...targets.flatMap((target, index) => targetPort(target, [...path, 'to', index], ports)),
    ...targetsTwice(targets, path),
    ...unless(
      targets.some((target) => weightOf(target) > 0),
      'weights',
      [...path, 'to'],
      {
        found: 'weight 0 on every target',
        expected: 'a weight above 0 on one of them',
        fix: 'Give a target a share of the requests.',
      },
    ),
  ];
}

function targetPort(target: Target, path: Path, ports: RoutePorts | undefined): readonly Finding[] {
  if (typeof target !== 'object') return ownPort(target, path, ports);
  return target.app === undefined ? ownPort(target.port, path, ports) : [];
}

function ownPort(asked: string | number | undefined, path: Path, ports: RoutePorts | undefined): readonly Finding[] {
  if (ports === undefined) return [];
  const names = Object.keys(ports);
  const name =
    asked === undefined ? defaultPort(names) : names.find((key) => key === asked || ports[key]?.number === asked);
  const protocol = name === undefined ? undefined : ports[name]?.protocol;
  if (protocol === 'tcp' || protocol === 'udp')
    return unless(false, 'port-protocol', path, {
      found: `port ${name}, which speaks ${protocol}`,
      expected: 'a port that speaks http, h2c or https',
      fix: 'Name another port, or set its protocol.',
    });
  if (name !== undefined) return [];
  return unless(false, asked === undefined ? 'no-port' : 'unknown-port', path, {
    found: asked === undefined ? 'no port' : typeof asked === 'number' ? String(asked) : showName(asked),
    expected: names.length === 0 ? 'a port of this app; it has none' : `one of its ports: ${listOf(names)}`,
    fix: names.length === 0 ? 'Write ports: { http: 8080 }.' : 'Name one of them.',
  });
}

function defaultPort(names: readonly string[]): string | undefined {
  return names.length === 1 ? names[0] : names.find((name) => name === 'http');
}

function targetsTwice(targets: readonly Target[], path: Path): readonly Finding[] {
  const keys = targets.map((target) =>
    typeof target === 'object' ? `${target.app ?? ''}:${target.port ?? ''}` : `:${target}`,
  );
  return keys.flatMap((key, index) =>
    unless(keys.indexOf(key) === index, 'target-twice', [...path, 'to', index], {
      found: 'the same target again',
      expected: 'each target once',
      fix: 'Add their weights into one.',
    }),
  );
}

function weightOf(target: Target): number {
  return typeof target === 'object' ? (target.weight ?? 1) : 1;
}
