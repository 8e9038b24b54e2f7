import type { Loss, Place } from '../../../model/problem.ts';
import type { EnvironmentPlan, RoutePlan } from '../../plan.ts';
import { entryPoint } from './names.ts';
import { safeVersion, versionExemptions } from './platform/image.ts';
import { refusedCharacters } from './shared.ts';

type Existing = NonNullable<EnvironmentPlan['existingEdge']>;
type Options = ReadonlyMap<string, string>;

/** One guarantee of ours and the static option of an edge that someone else installed on which it stands. */
interface Demand {
  /** The loss is `traefik/existing-<name>`. */
  readonly name: string;
  readonly asked: string;
  readonly instead: string;
  /** The option that is wrong, as one would set it right; null: the guarantee stands. */
  readonly broken: (options: Options, environment: EnvironmentPlan) => string | null;
}

/**
 * Every guarantee that the version or the options of an existing Traefik break, and those of these routes that no
 * Traefik keeps without our program beside it.
 */
export function existingLosses(
  environment: EnvironmentPlan,
  existing: Existing,
  routes: readonly RoutePlan[],
): readonly Loss[] {
  const options = readOptions(existing.args);
  const subject = `environment ${environment.name}`;
  const at: Place = { subject, path: 'existingEdge.args' };
  const broken = demands.flatMap(({ name, asked, instead, broken: wrong }) => {
    const option = wrong(options, environment);
    return option === null
      ? []
      : [{ name: `traefik/existing-${name}`, at, asked, instead, fix: `Start that Traefik with ${option}.` }];
  });
  return [
    ...versionLosses(existing, { subject, path: 'existingEdge.version' }, environment),
    ...broken,
    ...lacks
      .filter(({ asks }) => routes.some(asks))
      .map(({ name, asked, instead, fix }) => {
        const loss = { name: `traefik/existing-${name}`, asked, instead, fix };
        return { ...loss, at: { subject, path: 'existingEdge' } };
      }),
  ];
}

interface Lack extends Pick<Loss, 'name' | 'asked' | 'instead' | 'fix'> {
  readonly asks: (route: RoutePlan) => boolean;
}

/** What the program in the pod of our own edge does, and nothing on another's. */
const lacks: readonly Lack[] = [
  {
    name: 'auth-answers',
    asked: 'a 5xx when the auth service answers anything but 2xx, 401 or 403, or not within `timeout`',
    instead: 'a redirect or another 4xx of the auth service is passed on, and it may take 30 s; the app is not called',
    fix: 'Protect these routes by apiKey, bearer or basicAuth, take an edge of our own, or accept the loss.',
    asks: ({ protection }) => protection.kind === 'forwardAuth',
  },
  {
    name: 'sign-in',
    asked: '`signIn` with the way back',
    instead: 'a 401 becomes a 302 to signIn, without the address the visitor asked for',
    fix: 'Let the auth app find the way back (cookie or Referer), take an edge of our own, or accept the loss.',
    asks: ({ protection }) => protection.kind === 'forwardAuth' && protection.signIn !== null,
  },
  {
    name: 'redirect-status',
    asked: 'redirects with the status that is asked for; 308 to https',
    instead: 'GET gets 301 for 308 and 302 for 307, every other method 308 for 301 and 307 for 302',
    fix: 'Set httpsRedirect: false and redirect in the app, take an edge of our own, or accept the loss.',
    asks: ({ action, httpsRedirect }) => action.kind === 'redirect' || httpsRedirect,
  },
];

function versionLosses({ version }: Existing, at: Place, environment: EnvironmentPlan): readonly Loss[] {
  const bare = version.replace(/^v/, '');
  const exempt = environment.kind === 'local' && versionExemptions.some((exemption) => exemption.version === bare);
  if (exempt || !isOlder(bare, safeVersion)) return [];
  return [
    {
      name: 'traefik/existing-version',
      at,
      asked: 'an edge without known holes in what routing stands on',
      instead: `${bare} has holes that ${safeVersion} closes; before 3.7.12 it also lacks options that guarantees stand on`,
      fix: `Run Traefik ${safeVersion} or later.`,
    },
  ];
}

function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split('.').map(Number)) as [number[], number[]];
  const index = a.findIndex((part, i) => part !== b[i]);
  return index !== -1 && (a[index] ?? 0) < (b[index] ?? 0);
}

/** `--a.b=c`, `--a.b c` and `--a.b`, names in lower case. A later one stands. */
function readOptions(args: readonly string[]): Options {
  const options = new Map<string, string>();
  for (const [index, arg] of args.entries()) {
    const match = /^--([^=]+)(?:=(.*))?$/s.exec(arg);
    if (match?.[1] === undefined) continue;
    const next = args[index + 1];
    const separate = next !== undefined && !next.startsWith('-') ? next : 'true';
    options.set(match[1].toLowerCase(), match[2] ?? separate);
  }
  return options;
}

const crd = 'providers.kubernetescrd';
const doors = [entryPoint.plain, entryPoint.secure] as const;

function isOn(options: Options, name: string): boolean {
  return options.get(name.toLowerCase())?.toLowerCase() === 'true';
}

function wants(name: string, value: string) {
  return (options: Options): string | null => (options.get(name.toLowerCase()) === value ? null : `--${name}=${value}`);
}

function mustBeOff(name: string) {
  return (options: Options): string | null => (isOn(options, name) ? `--${name}=false` : null);
}

/** An option of both entry points. */
function onDoors(name: string, check: (name: string) => Demand['broken']): Demand['broken'] {
  return (options, environment) => {
    const wrong = doors.flatMap((door) => check(`entrypoints.${door}.${name}`)(options, environment) ?? []);
    return wrong.length === 0 ? null : wrong.join(' and ');
  };
}

const demands: readonly Demand[] = [
  {
    name: 'provider',
    asked: 'routes at all',
    instead: 'the edge does not read IngressRoute objects',
    broken: (options) =>
      [...options.keys()].some((name) => name === crd || name.startsWith(`${crd}.`)) ? null : `--${crd}=true`,
  },
  {
    name: 'entry-points',
    asked: 'routes on plain HTTP and on TLS',
    instead: 'routes name entry points that the edge does not have',
    broken: (options) => {
      const missing = doors.filter((door) => !options.has(`entrypoints.${door}.address`));
      return missing.length === 0 ? null : missing.map((door) => `--entrypoints.${door}.address=:PORT`).join(' and ');
    },
  },
  {
    name: 'class',
    asked: 'that exactly this edge serves these routes',
    instead: 'the edge reads another class of routes',
    broken: (options, { existingEdge }) => {
      const wanted = existingEdge?.ingressClass ?? '';
      const name = `${crd}.ingressclass`;
      return (options.get(name) ?? '') === wanted ? null : `--${name}=${wanted}`;
    },
  },
  {
    name: 'empty-services',
    asked: '503 for an app without pods and for a route whose protection is missing',
    instead: 'the route and its guard are dropped, and a broader route answers without protection',
    broken: wants(`${crd}.allowemptyservices`, 'true'),
  },
  {
    name: 'label-selector',
    asked: 'that all routes and guards are read',
    instead: 'only objects with certain labels are read',
    broken: (options) => (options.has(`${crd}.labelselector`) ? `no --${crd}.labelselector` : null),
  },
  {
    name: 'external-names',
    asked: 'that a Service leads into the cluster only',
    instead: 'a Service of type ExternalName leads the edge anywhere',
    broken: mustBeOff(`${crd}.allowexternalnameservices`),
  },
  {
    name: 'dot-segments',
    asked: '400 for dot segments, // and controls in a path',
    instead: 'they are resolved before routing, or reach the app',
    broken: () => 'a file provider that holds a deny router, and accept this loss',
  },
  {
    name: 'encoded-characters',
    asked: '400 for the escapes %00 %23 %25 %3B %3F %5C in a path',
    instead: 'they reach routing and the app',
    broken: onDoors('http.encodedcharacters', (prefix) => (options) => {
      const wrong = Object.keys(refusedCharacters)
        .map((name) => `${prefix}.${name.toLowerCase()}`)
        .filter((name) => options.get(name) !== 'false');
      return wrong.length === 0 ? null : wrong.map((name) => `--${name}=false`).join(' ');
    }),
  },
  {
    name: 'header-spelling',
    asked: 'that no client sends an identity header in another spelling',
    instead: 'X_Forwarded_User reaches apps that read it as X-Forwarded-User',
    broken: onDoors('http.aliasheadersstrategy', (name) => wants(name, 'delete')),
  },
  {
    name: 'trusted-senders',
    asked: 'that forwarding headers are believed from trustedProxies only',
    instead: 'the edge believes other senders',
    broken: onDoors('forwardedheaders', (name) => (options, { trustedProxies }) => {
      if (isOn(options, `${name}.insecure`)) return `--${name}.insecure=false`;
      const trusted = (options.get(`${name}.trustedips`) ?? '').split(',').filter((text) => text !== '');
      const same = trusted.length === trustedProxies.length && trusted.every((range) => trustedProxies.includes(range));
      return same ? null : `--${name}.trustedips=${trustedProxies.join(',')}`;
    }),
  },
  {
    name: 'redirects',
    asked: 'redirects to https for each host that has TLS',
    instead: 'the entry point redirects every host, and certificate challenges too',
    broken: (options) => {
      const found = [...options.keys()].find((name) =>
        name.startsWith(`entrypoints.${entryPoint.plain}.http.redirections`),
      );
      return found === undefined ? null : `no --${found}`;
    },
  },
];
