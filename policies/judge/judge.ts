import { placeAt } from '../../components/model/definition.ts';
import type { Place, Problem } from '../../components/model/problem.ts';
import type { Path } from '../rules/fields.ts';
import type { EachRule, Fault, Rule, Subject, TogetherRule, World } from '../rules/rule.ts';
import { type Exemptable, type Exemption, heldAgainst } from './exemption.ts';
import { claimedRoutes } from './routes.ts';
import { type Judgeable, subjectName } from './subject.ts';
import { UnknownValue } from './unknown-value.ts';

/** A rule that an object breaks, or of which nobody can say whether it does. */
export interface Violation {
  readonly rule: Rule;
  readonly judgeable: Judgeable;
  readonly at: Place;
  readonly found: string;
  readonly expected: string;
  readonly fix: string;
}

/** A violation and the words it is lived with. */
export interface Exempted {
  readonly violation: Violation;
  readonly exemption: Exemption;
}

export interface Verdict {
  readonly violations: readonly Violation[];
  /** Not judged, because a value is not known yet or says nothing. Never to be taken for passed. */
  readonly undecided: readonly Violation[];
  readonly exempted: readonly Exempted[];
  /** Exemptions that are over although something still needs them. */
  readonly expired: readonly Problem[];
  /** Exemptions that nothing here needs. */
  readonly unused: readonly Exemption[];
}

export interface JudgeOptions {
  readonly exemptions: readonly Exemption[];
  /** The day exemptions are held against, YYYY-MM-DD. */
  readonly today: string;
  readonly rules: readonly Rule[];
}

/** Rules over subjects, each rule over each. Pure: same input, same verdict, findings in the order of the subjects and rules. */
export function judge(judgeables: readonly Judgeable[], options: JudgeOptions): Verdict {
  const { exemptions, today, rules } = options;
  const scene = rules.some(({ scope }) => scope === 'together') ? sceneOf(judgeables) : emptyScene;
  const findings = rules.flatMap((rule) =>
    rule.scope === 'each'
      ? judgeables.flatMap((judgeable) => eachFindings(rule, judgeable))
      : togetherFindings(rule, scene),
  );
  const { counted, exempted, expired, unused } = heldAgainst(findings, exemptableOf, exemptions, today);
  return {
    violations: counted.filter(({ undecided }) => !undecided),
    undecided: counted.filter(({ undecided }) => undecided),
    exempted: exempted.map(({ finding, exemption }) => ({ violation: finding, exemption })),
    expired,
    unused,
  };
}

function exemptableOf({ rule, judgeable: { subject, environment } }: Violation): Exemptable {
  return { rule: rule.id, object: [environment, subject.kind, subject.namespace, subject.name] };
}

type Finding = Violation & { readonly undecided: boolean };

function eachFindings(rule: EachRule, judgeable: Judgeable): readonly Finding[] {
  const { faults, unknown } = taken(() => rule.judge(judgeable.subject));
  const found = faults.map((fault) => finding(rule, judgeable, fault));
  return unknown === null ? found : [...found, finding(rule, judgeable, notKnown(unknown.path))];
}

function togetherFindings(rule: TogetherRule, { world, bySubject, unread }: Scene): readonly Finding[] {
  const { faults, unknown } = taken(() => rule.judge(world));
  const found = faults.flatMap((fault) => {
    const judgeable = bySubject.get(fault.subject);
    return judgeable === undefined ? [] : [finding(rule, judgeable, fault)];
  });
  const holder = unknown === null ? undefined : [...bySubject.values()].find(({ urn }) => urn === unknown.urn);
  const unknowns = holder === undefined || unknown === null ? [] : [finding(rule, holder, notKnown(unknown.path))];
  const hidden = rule.readsRoutes ? unread.map((each) => finding(rule, each, notKnown(each.unknown ?? []))) : [];
  return [...found, ...unknowns, ...hidden];
}

/** What rules over several subjects look at. */
interface Scene {
  readonly world: World;
  readonly bySubject: ReadonlyMap<Subject, Judgeable>;
  /** Objects that say or change routes and have a value that is not known yet. */
  readonly unread: readonly Judgeable[];
}

const emptyScene: Scene = { world: { subjects: [], routes: [] }, bySubject: new Map(), unread: [] };

/** Kinds of objects that say routes or change them. */
export const routeKinds: ReadonlySet<string> = new Set([
  'Gateway',
  'HTTPRoute',
  'Ingress',
  'IngressRoute',
  'Middleware',
  'TraefikService',
]);

function sceneOf(judgeables: readonly Judgeable[]): Scene {
  const isUnread = ({ subject, unknown }: Judgeable) => unknown !== undefined && routeKinds.has(subject.kind);
  const readable = judgeables.filter(({ subject, unknown }) => unknown === undefined && routeKinds.has(subject.kind));
  return {
    world: {
      subjects: judgeables.map(({ subject }) => subject),
      routes: claimedRoutes(readable.map(({ subject }) => subject)),
    },
    bySubject: new Map(judgeables.map((judgeable) => [judgeable.subject, judgeable])),
    unread: judgeables.filter(isUnread),
  };
}

/** The faults before the first value that is not known yet, and that value. */
function taken<F>(faultsOf: () => Iterable<F>): {
  readonly faults: readonly F[];
  readonly unknown: UnknownValue | null;
} {
  const faults: F[] = [];
  try {
    for (const fault of faultsOf()) faults.push(fault);
  } catch (error) {
    if (error instanceof UnknownValue) return { faults, unknown: error };
    throw error;
  }
  return { faults, unknown: null };
}

function notKnown(path: Path): Fault {
  return { path, found: 'a value that is known only once it is deployed', undecided: true };
}

function finding(rule: Rule, judgeable: Judgeable, fault: Fault): Finding {
  return {
    rule,
    judgeable,
    at: placeAt(subjectName(judgeable.subject), judgeable.origin, fault.path),
    found: fault.found,
    expected: fault.expected ?? rule.expected,
    fix: rule.fix,
    undecided: fault.undecided === true,
  };
}
