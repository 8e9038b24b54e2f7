import { Construct } from 'constructs';
import { type CompileOutcome, compileParsed } from '../compile/compile.ts';
import type { ObjectGroup } from '../compile/output.ts';
import type { Transform } from '../compile/transform.ts';
import type { Definition } from '../model/define.ts';
import type { ParsedDefinition } from '../model/definition.ts';
import { parseDefinition, parseEnvironment } from '../model/parse.ts';
import { formatProblem, type Loss, type Problem } from '../model/problem.ts';
import type { Environment } from '../model/schema/environment.ts';

/** A construct whose objects come from the compiled environment. */
export interface Compiled extends Construct {
  /** Takes what was compiled. Called again when the tree has grown since. */
  receive(groups: readonly ObjectGroup[]): void;
}

/** A construct that adds one definition. */
export interface Defining extends Compiled {
  /** Name of its group, `<namespace>/<app>`: the one it receives. */
  readonly group: string;
  readonly definition: Definition;
  readonly transform: Transform | undefined;
}

type Verdict = ReadonlyMap<Construct, readonly string[]>;

/**
 * One environment and everything below it in the construct tree. The definitions of all its `EdgeApp`s and
 * `EdgeRoutes` are compiled together when the tree is validated, because a route conflict or an auth app that does
 * not exist can only be seen over all of them. Every problem is reported at the construct it comes from, all at once.
 *
 * Charts go below it: `new Chart(environment, 'shop')`.
 */
export class EdgeEnvironment extends Construct {
  readonly #members: Compiled[] = [];
  readonly #environment: Environment;
  #verdict: Verdict | undefined;

  constructor(scope: Construct, id: string, environment: Environment) {
    super(scope, id);
    this.#environment = environment;
    this.node.addValidation({ validate: () => [...this.verdictOn(this)] });
  }

  /** Name of the namespace of apps that name none. */
  get namespace(): string {
    return this.#environment.namespace;
  }

  /** The environment a construct stands in. Throws when there is none above it. */
  static of(construct: Construct): EdgeEnvironment {
    const found = construct.node.scopes.toReversed().find((scope) => scope instanceof EdgeEnvironment);
    if (found instanceof EdgeEnvironment) return found;
    throw new Error(`${construct.node.path}: found no EdgeEnvironment above it. Put its chart below one.`);
  }

  /** Adds a construct that gets objects, and reports its problems when the tree is validated. */
  add(member: Compiled): void {
    this.#members.push(member);
    this.#verdict = undefined;
    member.node.addValidation({ validate: () => [...this.verdictOn(member)] });
  }

  private verdictOn(construct: Construct): readonly string[] {
    this.#verdict ??= this.compile();
    return this.#verdict.get(construct) ?? [];
  }

  private compile(): Verdict {
    const defining = this.#members.filter(isDefining);
    const parsed = defining.map((member) => ({ member, result: parseDefinition(member.definition) }));
    const today = this.#environment.today ?? new Date().toISOString().slice(0, 10);
    const environment = parseEnvironment(this.#environment);
    const broken = parsed.flatMap(({ member, result }): [Construct, Problem][] =>
      result.ok ? [] : result.problems.map((problem) => [member, problem]),
    );
    const ownProblems = environment.ok ? [] : environment.problems;
    if (!environment.ok || broken.length > 0) {
      return verdict([...ownProblems.map((problem): [Construct, Problem] => [this, problem]), ...broken], []);
    }
    const places = parsed.flatMap(({ member, result }) => (result.ok ? [{ member, definition: result.value }] : []));
    const outcome = compileParsed({
      environment: environment.value,
      definitions: places.map(({ definition }) => definition),
      today,
      transforms: transformsOf(places, environment.value.namespace),
    });
    return this.settle(outcome, places);
  }

  /** An app gets its own group; what belongs to no app goes to the shared constructs. */
  private handOut(groups: readonly ObjectGroup[]): void {
    const claimed = new Set(this.#members.filter(isDefining).map(({ group }) => group));
    const shared = groups.filter(({ name }) => !claimed.has(name));
    for (const member of this.#members) {
      member.receive(isDefining(member) ? groups.filter(({ name }) => name === member.group) : shared);
    }
  }

  private settle(outcome: CompileOutcome, places: readonly Place[]): Verdict {
    if (outcome.ok) {
      this.handOut(outcome.groups);
      return new Map();
    }
    const owner = ({ at }: Problem | Loss) =>
      places.find(({ definition }) => definition.subject === at.subject)?.member ?? this;
    return verdict(
      outcome.problems.map((problem) => [owner(problem), problem]),
      outcome.losses.map((loss) => [owner(loss), loss]),
    );
  }
}

interface Place {
  readonly member: Defining;
  readonly definition: ParsedDefinition;
}

function isDefining(member: Compiled): member is Defining {
  return 'definition' in member;
}

function transformsOf(places: readonly Place[], namespace: string): ReadonlyMap<string, Transform> {
  return new Map(
    places.flatMap(({ member, definition: { value } }) =>
      member.transform === undefined ? [] : [[`${value.namespace ?? namespace}/${value.name}`, member.transform]],
    ),
  );
}

function verdict(problems: readonly [Construct, Problem][], losses: readonly [Construct, Loss][]): Verdict {
  const lines = [
    ...problems.map(([owner, problem]) => [owner, formatProblem(problem)] as const),
    ...losses.map(
      ([owner, { name, at, asked, instead, fix }]) =>
        [owner, `${at.subject}, ${at.path}: ${name}: asked for ${asked}, this edge would ${instead}. ${fix}`] as const,
    ),
  ];
  const verdicts = new Map<Construct, string[]>();
  for (const [owner, line] of lines) verdicts.set(owner, [...(verdicts.get(owner) ?? []), line]);
  return verdicts;
}
