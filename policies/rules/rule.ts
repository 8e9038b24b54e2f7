import type { Path } from './fields.ts';

/** Something a rule can judge: a Kubernetes object, or a resource of a cloud. The same whether YAML or Pulumi had it. */
export interface Subject {
  /** As Pulumi names types: `kubernetes:apps/v1:Deployment`, `gcp:container/nodePool:NodePool`. */
  readonly type: string;
  /** Empty for a resource of a cloud. */
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty where the object has none. */
  readonly namespace: string;
  readonly name: string;
  /** The place the object is for; null: neither of the two, or nothing says. */
  readonly tier: Tier | null;
  /**
   * A whole Kubernetes object, or the inputs of a resource. Nothing about its form is known. A value that a preview
   * does not know yet throws when it is read, so a rule reads what it decides by and nothing else.
   */
  readonly properties: unknown;
  /** Properties that are kept encrypted wherever they are written down, as `data` of a Secret in Pulumi's state. */
  readonly encrypted: readonly string[];
}

/** Places that have rules of their own: the machine of a developer, and where users are. */
export type Tier = 'local' | 'production';

/** One way in which a subject breaks a rule. */
export interface Fault {
  /** Place in the properties; empty for the whole. */
  readonly path: Path;
  /** What stands there; never the value of a secret. */
  readonly found: string;
  /** @default what the rule expects of everything */
  readonly expected?: string;
  /** What stands there decides nothing: reported as not evaluable, never as passed. @default false */
  readonly undecided?: true;
}

/** A fault found by looking at several subjects. */
export interface SharedFault extends Fault {
  readonly subject: Subject;
}

/** A route as the readers of objects understand it. */
export interface ClaimedRoute {
  /** Name of the route for people: object and match. */
  readonly id: string;
  readonly subject: Subject;
  readonly path: Path;
  /** Routes of different edges never meet. */
  readonly edge: string;
  /** Host, path, methods and headers as one text: equal texts take the same requests. */
  readonly claim: string;
  /** As written, `*.example.org` for a wildcard; null: every host. */
  readonly host: string | null;
  readonly asks: 'somebody' | 'nobody' | 'unknown';
  /** Only sends clients elsewhere, or to https. */
  readonly redirects: boolean;
  /** What clients may speak to be answered by it, and not sent to https. */
  readonly schemes: readonly ('http' | 'https')[];
  /** Takes a share of another route's requests, as canaries do. */
  readonly shares: boolean;
}

/** Everything that is judged together. */
export interface World {
  readonly subjects: readonly Subject[];
  readonly routes: readonly ClaimedRoute[];
}

interface RuleText {
  /** Lower case and hyphens. Exemptions, suppressions and Pulumi's policy configuration name rules by it. */
  readonly id: string;
  /** What must hold, in one sentence. */
  readonly title: string;
  /** Why. */
  readonly reason: string;
  readonly severity: 'low' | 'medium' | 'high' | 'critical';
  /** What is right, as the end of `expected …`. */
  readonly expected: string;
  /** What to do, as an instruction. */
  readonly fix: string;
  /** Where more is written. */
  readonly link: string;
  /** The outside standard that asks for it; null: a rule of ours. */
  readonly standard: { readonly name: string; readonly id: string } | null;
}

/** A rule that needs to see one subject at a time. Faults come one by one, so that those before an unknown value are kept. */
export interface EachRule extends RuleText {
  readonly scope: 'each';
  readonly judge: (subject: Subject) => Iterable<Fault>;
}

/** A rule about how subjects fit together. */
export interface TogetherRule extends RuleText {
  readonly scope: 'together';
  /** Whether it judges by `routes`; then an object whose routes cannot be read yet is reported as not evaluable. */
  readonly readsRoutes: boolean;
  readonly judge: (world: World) => Iterable<SharedFault>;
}

/** Judges and has no effect: same input, same faults, in the same order. */
export type Rule = EachRule | TogetherRule;
