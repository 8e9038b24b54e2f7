import type { Finding } from '../model/finding.ts';
import { show } from '../model/shown.ts';
import { printRule } from './traefik-rule.ts';
import { annotationPath, type TraefikTag, tagAnnotationPrefix } from './traefik-tags.ts';
import { translateV1Rule } from './traefik-v1-rule.ts';

/** What the labels of Traefik 1 become. */
export interface V1Translation {
  /** In the words of Traefik 3, without the labels of Traefik 1. */
  readonly tags: readonly TraefikTag[];
  /** What was said differently, or means nothing any more. */
  readonly warnings: readonly Finding[];
  /** What cannot be said: a Service that has any would be served otherwise than its author meant. */
  readonly problems: readonly Finding[];
}

/** Names that labels of Traefik 1 do not hold and those of Traefik 3 need. */
export interface V1Names {
  /** Of the router, the service and, with a suffix, the middlewares. */
  readonly name: string;
  /** Entry points by their old name. `https` also asks for TLS. @default http is web, https is websecure */
  readonly entryPoints?: Readonly<Record<string, string>>;
}

/** Whether Traefik 3 takes no notice of the label and Traefik 1 did. */
export function isV1Key(key: string): boolean {
  const folded = key.toLowerCase();
  if (/^(?:http|tcp|udp|tls|consulcatalog)\./.test(folded)) return false;
  return /(?:^|\.)(?:frontends?|backend)(?:\.|$)/.test(folded) || /^(?:protocol|port|weight|domain)$/.test(folded);
}

/**
 * Translates what there is of Traefik 1. Labels of Traefik 3 stay as they are, and where they define a router of their
 * own, those of Traefik 1 are left out: their author has translated them already.
 */
export function translateV1(tags: readonly TraefikTag[], names: V1Names): V1Translation {
  const old = tags.filter(({ key }) => isV1Key(key));
  const kept = tags.filter(({ key }) => !isV1Key(key));
  if (old.length === 0) return { tags: kept, warnings: [], problems: [] };
  if (kept.some(({ key }) => /^(?:http|tcp|udp)\.routers\./i.test(key))) {
    return { tags: kept, warnings: old.map(superseded), problems: [] };
  }
  const draft = new Draft(names);
  for (const tag of old) readKey(draft, tag);
  const made = draft.tags(kept);
  return {
    tags: [...kept, ...made],
    warnings: draft.problems.length > 0 ? draft.warnings : [...draft.warnings, translated(old, made)],
    problems: draft.problems,
  };
}

type MiddlewareKind = 'allow' | 'maxconn' | 'auth' | 'breaker' | 'strip';

/** Who may connect comes first, protection before anything that changes the path. */
const middlewareOrder: readonly MiddlewareKind[] = ['allow', 'maxconn', 'auth', 'breaker', 'strip'];

class Draft {
  readonly warnings: Finding[] = [];
  readonly problems: Finding[] = [];
  readonly #made = new Map<string, string>();
  readonly #middlewares = new Set<MiddlewareKind>();
  readonly name: string;
  readonly entryPoints: Readonly<Record<string, string>>;

  constructor({ name, entryPoints = { http: 'web', https: 'websecure' } }: V1Names) {
    this.name = name;
    this.entryPoints = entryPoints;
  }

  router(field: string, value: string): void {
    this.#made.set(`http.routers.${this.name}.${field}`, value);
  }

  service(field: string, value: string): void {
    this.#made.set(`http.services.${this.name}.loadbalancer.${field}`, value);
  }

  middleware(kind: MiddlewareKind, field: string, value: string): void {
    this.#middlewares.add(kind);
    this.#made.set(`http.middlewares.${this.name}-${kind}.${field}`, value);
  }

  tags(kept: readonly TraefikTag[]): readonly TraefikTag[] {
    const used = middlewareOrder.filter((kind) => this.#middlewares.has(kind));
    if (used.length > 0) this.router('middlewares', used.map((kind) => `${this.name}-${kind}`).join(','));
    if (!kept.some(({ key }) => key.toLowerCase() === 'enable')) this.#made.set('enable', 'true');
    return [...this.#made].map(([key, value]) => ({ key, value }));
  }
}

type Translate = (draft: Draft, value: string, tag: TraefikTag) => void;

const service =
  (field: string): Translate =>
  (draft, value) =>
    draft.service(field, value);

const middleware =
  (kind: MiddlewareKind, field: string): Translate =>
  (draft, value) =>
    draft.middleware(kind, field, value);

const meaningless =
  (why: string): Translate =>
  (draft, _, tag) => {
    draft.warnings.push(finding('v1-without-meaning', tag, why, 'Take the annotation out.'));
  };

const cookie: Translate = (draft, value) => {
  if (/^(?:1|t|true)$/i.test(value)) draft.service('sticky.cookie', 'true');
};

const byName: Readonly<Record<string, Translate>> = {
  'frontend.rule': translateRule,
  'frontend.entrypoints': translateEntryPoints,
  'frontend.priority': (draft, value) => draft.router('priority', value),
  'frontend.passhostheader': service('passhostheader'),
  'frontend.whitelist.sourcerange': middleware('allow', 'ipallowlist.sourcerange'),
  'frontend.whitelistsourcerange': middleware('allow', 'ipallowlist.sourcerange'),
  'frontend.auth.basic': middleware('auth', 'basicauth.users'),
  'frontend.auth.basic.users': middleware('auth', 'basicauth.users'),
  'frontend.auth.forward.address': middleware('auth', 'forwardauth.address'),
  'frontend.auth.forward.authresponseheaders': middleware('auth', 'forwardauth.authresponseheaders'),
  'frontend.auth.forward.trustforwardheader': middleware('auth', 'forwardauth.trustforwardheader'),
  'backend.circuitbreaker': middleware('breaker', 'circuitbreaker.expression'),
  'backend.circuitbreaker.expression': middleware('breaker', 'circuitbreaker.expression'),
  'backend.maxconn.amount': middleware('maxconn', 'inflightreq.amount'),
  'backend.maxconn.extractorfunc': translateExtractor,
  'backend.loadbalancer': translateMethod,
  'backend.loadbalancer.method': translateMethod,
  'backend.loadbalancer.sticky': cookie,
  'backend.loadbalancer.stickiness': cookie,
  'backend.loadbalancer.stickiness.cookiename': service('sticky.cookie.name'),
  'backend.healthcheck.path': service('healthcheck.path'),
  'backend.healthcheck.interval': service('healthcheck.interval'),
  'backend.weight': service('server.weight'),
  weight: service('server.weight'),
  protocol: service('server.scheme'),
  backend: meaningless('a service of Traefik that has the name of the Consul service'),
  domain: meaningless('a domain in the default rule of Traefik itself'),
  port: meaningless('the NodePort of the Service, whatever port is asked for'),
};

function readKey(draft: Draft, tag: TraefikTag): void {
  const key = tag.key.toLowerCase();
  const translate = Object.hasOwn(byName, key) ? byName[key] : undefined;
  if (translate !== undefined) translate(draft, tag.value, tag);
  else {
    const fix = 'Say it in labels of Traefik 3, with a router of your own.';
    draft.problems.push(finding('v1-untranslatable', tag, 'a label of Traefik 1 that has a translation', fix));
  }
}

function translateRule(draft: Draft, value: string, tag: TraefikTag): void {
  const reading = translateV1Rule(value);
  if (!reading.ok) {
    const { found, expected } = reading;
    const fix = 'Mend the rule, or write it as traefik.io/http.routers.NAME.rule.';
    draft.problems.push({ code: 'v1-rule', path: pathOf(tag), found, expected, fix });
    return;
  }
  draft.router('rule', printRule(reading.rule));
  if (reading.strip.length > 0) draft.middleware('strip', 'stripprefix.prefixes', reading.strip.join(','));
}

function translateEntryPoints(draft: Draft, value: string): void {
  const names = value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  draft.router('entrypoints', names.map((name) => draft.entryPoints[name] ?? name).join(','));
  if (names.length > 0 && names.every((name) => name === 'https')) draft.router('tls', 'true');
}

function translateMethod(draft: Draft, value: string, tag: TraefikTag): void {
  if (value === 'wrr') return;
  const expected = 'wrr, the weighted round robin, which is what is served';
  draft.warnings.push(finding('v1-without-meaning', tag, expected, 'Take the annotation out.'));
}

function translateExtractor(draft: Draft, value: string, tag: TraefikTag): void {
  const header = /^request\.header\.([A-Za-z0-9-]+)$/.exec(value)?.[1];
  if (value === 'request.host') draft.middleware('maxconn', 'inflightreq.sourcecriterion.requesthost', 'true');
  else if (value === 'client.ip') draft.middleware('maxconn', 'inflightreq.sourcecriterion.ipstrategy.depth', '0');
  else if (header !== undefined) {
    draft.middleware('maxconn', 'inflightreq.sourcecriterion.requestheadername', header);
  } else {
    const expected = 'client.ip, request.host or request.header.NAME';
    draft.problems.push(finding('v1-untranslatable', tag, expected, 'Name one of them.'));
  }
}

const pathOf = ({ key }: TraefikTag) => annotationPath(`${tagAnnotationPrefix}${key}`);

/** Values are not repeated: one of them is a list of passwords. */
function finding(code: string, tag: TraefikTag, expected: string, fix: string): Finding {
  return { code, path: pathOf(tag), found: show(tag.key, []), expected, fix };
}

function superseded(tag: TraefikTag): Finding {
  const expected = 'labels of Traefik 3 alone, which define a router here and are what counts';
  return finding('v1-superseded', tag, expected, 'Take the annotation out once no Traefik 1 reads it.');
}

function translated(old: readonly TraefikTag[], made: readonly TraefikTag[]): Finding {
  const [first] = old;
  return {
    code: 'v1-translated',
    path: annotationPath(`${tagAnnotationPrefix}${first?.key ?? ''}`),
    found: `labels of Traefik 1: ${old.map(({ key }) => key).join(', ')}`,
    expected: 'labels of Traefik 3; it would take no notice of these',
    fix: `They are published as ${made.map(({ key }) => key).join(', ')}; write those.`,
  };
}
