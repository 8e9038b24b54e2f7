import { parseArgs } from 'node:util';
import type { ConsulAccess } from './consul/client.ts';
import type { GuardSettings } from './guard.ts';
import type { Settings } from './model.ts';

/** How the publisher runs. Secrets are files, never flags. */
export interface Flags {
  readonly settings: Settings;
  readonly joinsForeign: boolean;
  readonly guard: GuardSettings;
  readonly consul: ConsulAccess;
  /** Path of a kubeconfig; null inside of a pod. */
  readonly kubeconfig: string | null;
  /** Address of the health port; null for every address. */
  readonly address: string | null;
  /** Port of health and metrics; 0 for any free one. */
  readonly healthPort: number;
  /** Takes away all that this owner published, and ends. */
  readonly removeAll: boolean;
}

export type FlagsResult =
  | { readonly ok: true; readonly flags: Flags }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Every flag and what it is when it is not given. */
const defaults = {
  'cluster-id': '',
  namespace: '',
  namespaces: '*',
  'except-namespaces': 'kube-system,kube-public,kube-node-lease',
  addresses: 'internal',
  naming: '',
  'traefik-v1': 'translate',
  'default-domain': '',
  'cordoned-nodes': 'drop',
  'foreign-names': 'refuse',
  'removal-percent': '50',
  'removal-least': '20',
  consul: 'http://127.0.0.1:8500',
  'consul-token-file': '',
  'consul-ca-file': '',
  'consul-cert-file': '',
  'consul-key-file': '',
  'consul-server-name': '',
  kubeconfig: '',
  address: '',
  'health-port': '8080',
  'remove-all': 'false',
} as const;

type FlagName = keyof typeof defaults;

/** Reads the command line; every mistake is told at once, and no value of an unknown argument is repeated. */
export function parseFlags(args: readonly string[]): FlagsResult {
  const problems: string[] = [];
  const reader = new FlagReader(readTokens(args, problems), problems);
  const flags: Flags = {
    settings: readSettings(reader),
    joinsForeign: reader.choice('foreign-names', { refuse: false, join: true }),
    guard: { percent: reader.number('removal-percent', 100), least: reader.number('removal-least', 1_000_000) },
    consul: readConsul(reader),
    kubeconfig: reader.text('kubeconfig'),
    address: reader.text('address'),
    healthPort: reader.number('health-port', 65_535),
    removeAll: reader.choice('remove-all', { false: false, true: true }),
  };
  return problems.length === 0 ? { ok: true, flags } : { ok: false, problems };
}

const label = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?';

function readSettings(reader: FlagReader): Settings {
  const namespace = reader.matching('namespace', new RegExp(`^${label}$`), 'the name of a namespace');
  const cluster = reader.matching('cluster-id', /^[a-z0-9](?:[-a-z0-9]{0,38}[a-z0-9])?$/, 'a name as prod-eu', true);
  const domain = reader.matching(
    'default-domain',
    new RegExp(`^${label}(?:\\.${label})*$`),
    'a domain as internal.example.org',
  );
  return {
    owner: { cluster: cluster ?? '', namespace },
    addresses: reader.choice('addresses', {
      internal: 'internal',
      external: 'external',
      'external-first': 'externalFirst',
    } as const),
    // Names of one namespace are unique; those of several are not.
    naming: reader.choice('naming', {
      '': namespace === null ? 'serviceNamespace' : 'service',
      service: 'service',
      'service-namespace': 'serviceNamespace',
    } as const),
    v1: reader.choice('traefik-v1', { translate: 'translate', verbatim: 'verbatim', both: 'both' } as const),
    defaultDomain: domain,
    cordoned: reader.choice('cordoned-nodes', { drop: 'drop', serve: 'serve' } as const),
    namespaces: namespace === null ? reader.list('namespaces') : [namespace],
    except: namespace === null ? reader.list('except-namespaces') : [],
  };
}

function readConsul(reader: FlagReader): ConsulAccess {
  const [certFile, keyFile] = [reader.text('consul-cert-file'), reader.text('consul-key-file')];
  if ((certFile === null) !== (keyFile === null)) {
    reader.problem('consul-cert-file', 'one of --consul-cert-file and --consul-key-file', 'both or none');
  }
  return {
    origin: reader.origin('consul'),
    tokenFile: reader.text('consul-token-file'),
    caFile: reader.text('consul-ca-file'),
    certFile,
    keyFile,
    serverName: reader.text('consul-server-name'),
  };
}

class FlagReader {
  constructor(
    private readonly given: ReadonlyMap<string, string>,
    private readonly problems: string[],
  ) {}

  problem(name: FlagName, found: string, expected: string): void {
    this.problems.push(`--${name}: found ${found}, expected ${expected}`);
  }

  #value(name: FlagName): string {
    return this.given.get(name) ?? defaults[name];
  }

  text(name: FlagName): string | null {
    return this.#value(name) === '' ? null : this.#value(name);
  }

  list(name: FlagName): readonly string[] {
    const names = this.#value(name)
      .split(',')
      .map((entry) => entry.trim());
    return names.filter((entry) => entry !== '');
  }

  matching(name: FlagName, grammar: RegExp, expected: string, isRequired = false): string | null {
    const value = this.text(name);
    if (value === null ? isRequired : !grammar.test(value)) this.problem(name, value ?? 'nothing', expected);
    return value;
  }

  choice<const C extends Readonly<Record<string, unknown>>>(name: FlagName, choices: C): C[keyof C] {
    const value = this.#value(name);
    if (Object.hasOwn(choices, value)) return choices[value] as C[keyof C];
    const known = Object.keys(choices).filter((choice) => choice !== '');
    this.problem(name, value, known.join(' or '));
    return choices[known[0] ?? ''] as C[keyof C];
  }

  number(name: FlagName, most: number): number {
    const value = this.#value(name);
    if (!/^\d{1,7}$/.test(value) || Number(value) > most) this.problem(name, value, `a number from 0 to ${most}`);
    return Number(value);
  }

  origin(name: FlagName): string {
    const value = this.#value(name);
    const url = URL.canParse(value) ? new URL(value) : null;
    const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.username === '';
    // What does not fit may hold a password.
    if (!isOrigin) this.problem(name, 'something else', 'http://HOST:PORT or https://HOST:PORT');
    return url?.origin ?? '';
  }
}

function readTokens(args: readonly string[], problems: string[]): ReadonlyMap<string, string> {
  const options = Object.fromEntries(Object.keys(defaults).map((name) => [name, { type: 'string' as const }]));
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  const given = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === 'positional') {
      problems.push(`argument ${token.index + 1}: found a plain argument, expected flags only`);
    } else if (token.kind === 'option') {
      if (!Object.hasOwn(defaults, token.name)) {
        const known = Object.keys(defaults).map((name) => `--${name}`);
        problems.push(`--${token.name}: unknown flag, expected one of ${known.join(', ')}`);
      } else if (token.inlineValue !== true) problems.push(`--${token.name}: expected --${token.name}=<value>`);
      else if (given.has(token.name)) problems.push(`--${token.name}: found twice, expected once`);
      else given.set(token.name, token.value);
    }
  }
  return given;
}
