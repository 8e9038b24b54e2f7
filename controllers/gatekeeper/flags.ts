import { parseArgs } from 'node:util';

/** How the gatekeeper runs. Secrets are files, never flags. */
export interface Flags {
  /** Address both ports listen on; null for every address. @default null */
  readonly address: string | null;
  /** Port of the checks; 0 for any free one. @default 8080 */
  readonly port: number;
  /** Port of health and metrics; 0 for any free one. @default 8081 */
  readonly healthPort: number;
  /** Folder with one folder for each mounted Secret. @default /etc/edgeplane/secrets */
  readonly secretsDir: string;
  /** How long a previous secret is accepted after its file was written, milliseconds. @default 24h */
  readonly previousWindowMs: number;
  /** How long checks go on after SIGTERM made the pod unready, milliseconds. @default 5s */
  readonly drainMs: number;
}

export type FlagsResult =
  | { readonly ok: true; readonly flags: Flags }
  | { readonly ok: false; readonly problems: readonly string[] };

const defaults = {
  address: '',
  port: '8080',
  'health-port': '8081',
  'secrets-dir': '/etc/edgeplane/secrets',
  'previous-window': '24h',
  drain: '5s',
} as const;

type FlagName = keyof typeof defaults;

const dayMs = 86_400_000;

/** Reads the command line; every mistake is told at once, and no value of an unknown argument is repeated. */
export function parseFlags(args: readonly string[]): FlagsResult {
  const problems: string[] = [];
  const given = readTokens(args, problems);
  const value = (name: FlagName) => given.get(name) ?? defaults[name];
  const duration = (name: FlagName, maxMs: number, text: string) => {
    const ms = durationMs(value(name));
    if (ms === null || ms > maxMs) problems.push(`--${name}: found ${value(name)}, expected ${text}`);
    return ms ?? 0;
  };
  const port = (name: FlagName) => {
    const known = /^[0-9]{1,5}$/.test(value(name)) && Number(value(name)) <= 65_535;
    if (!known) problems.push(`--${name}: found ${value(name)}, expected a port from 0 to 65535`);
    return Number(value(name));
  };
  const flags: Flags = {
    address: value('address') === '' ? null : value('address'),
    port: port('port'),
    healthPort: port('health-port'),
    secretsDir: value('secrets-dir'),
    previousWindowMs: duration('previous-window', 30 * dayMs, 'a time of at most 720h, as 24h, 10m, 5s or 500ms'),
    drainMs: duration('drain', 600_000, 'a time of at most 10m, as 5s or 500ms'),
  };
  return problems.length === 0 ? { ok: true, flags } : { ok: false, problems };
}

function readTokens(args: readonly string[], problems: string[]): ReadonlyMap<string, string> {
  const names = Object.keys(defaults);
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  const given = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === 'positional') {
      problems.push(`argument ${token.index + 1}: found a plain argument, expected flags only`);
    } else if (token.kind === 'option') {
      const problem = optionProblem(token, given);
      if (problem !== null) problems.push(problem);
      else given.set(token.name, token.value ?? '');
    }
  }
  return given;
}

function optionProblem(
  token: { readonly name: string; readonly value: string | undefined; readonly inlineValue: boolean | undefined },
  given: ReadonlyMap<string, string>,
): string | null {
  if (!Object.hasOwn(defaults, token.name)) {
    const known = Object.keys(defaults).map((name) => `--${name}`);
    return `--${token.name}: unknown flag, expected one of ${known.join(', ')}`;
  }
  const swallowedFlag = token.inlineValue === false && token.value?.startsWith('--');
  if (token.value === undefined || token.value === '' || swallowedFlag) {
    return `--${token.name}: found no value, expected --${token.name}=<value>`;
  }
  return given.has(token.name) ? `--${token.name}: found twice, expected once` : null;
}

function durationMs(text: string): number | null {
  const unit: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
  const [, amount, name] = /^([0-9]{1,9})(ms|s|m|h)$/.exec(text) ?? [];
  return amount === undefined || name === undefined ? null : Number(amount) * (unit[name] ?? Number.NaN);
}
