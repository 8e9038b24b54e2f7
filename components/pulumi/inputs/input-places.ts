import { isIPv4 } from 'node:net';
import { type Input, Output } from '@pulumi/pulumi';
import { formatPath, type Path } from '../../model/path.ts';
import type { Problem } from '../../model/problem.ts';
import { exactHost, image } from '../../model/schema/leaf.ts';

/** A leaf that takes a value which is known only later. */
export interface LeafGrammar {
  /** What its value is, for messages. */
  readonly noun: string;
  /** A value that fits the leaf and stands for the real one, other for each `id` and `variant`. */
  readonly standIn: (id: string, variant: StandInVariant, domain: string) => string;
  /** What is wrong with a value once it is known; undefined when it fits. */
  readonly fault: (value: unknown) => string | undefined;
}

export type StandInVariant = 'a' | 'b';

/** A value that is known later, where it stands, and what may stand there. */
export interface PendingInput {
  readonly subject: string;
  readonly path: Path;
  readonly input: Input<unknown>;
  readonly grammar: LeafGrammar;
}

const parsed =
  (schema: { safeParse: (value: unknown) => { success: boolean } }, expected: string) => (value: unknown) =>
    schema.safeParse(value).success ? undefined : expected;

const imageLeaf: LeafGrammar = {
  noun: 'image',
  standIn: (id, variant) => `edgeplane.invalid/pending-${id}:${variant}@sha256:${variant.repeat(64)}`,
  fault: parsed(image, 'an image reference as registry/name:tag or registry/name@sha256:digest'),
};

const textLeaf: LeafGrammar = {
  noun: 'env value',
  standIn: (id, variant) => `pending-${id}-${variant}`,
  fault: (value) =>
    typeof value === 'string' && value.length <= 32_768 && !value.includes('\0')
      ? undefined
      : 'text of at most 32768 characters without NUL',
};

const hostLeaf: LeafGrammar = {
  noun: 'exact host',
  standIn: (id, variant, domain) => `pending-${id}-${variant}.${domain}`,
  fault: parsed(exactHost, 'a host name in lower case without wildcard, port or trailing dot'),
};

/** TEST-NET-1 (RFC 5737) stands in: no load balancer has these. */
const addressLeaf: LeafGrammar = {
  noun: 'address',
  standIn: (_, variant) => (variant === 'a' ? '192.0.2.1' : '192.0.2.2'),
  fault: (value) => (typeof value === 'string' && isIPv4(value) ? undefined : 'an IPv4 address'),
};

/** The leaves that take Inputs, by the shape of their path; `*` is one step. */
const leaves: readonly (readonly [readonly string[], LeafGrammar])[] = [
  [['image'], imageLeaf],
  [['env', '*'], textLeaf],
  [['sidecars', '*', 'image'], imageLeaf],
  [['sidecars', '*', 'env', '*'], textLeaf],
  [['initContainers', '*', 'image'], imageLeaf],
  [['initContainers', '*', 'env', '*'], textLeaf],
  [['routes', '*', 'hosts', '*'], hostLeaf],
];
const environmentLeaves: typeof leaves = [[['exposure', 'loadBalancer', 'address'], addressLeaf]];

export interface FoundInputs {
  readonly pending: readonly PendingInput[];
  readonly problems: readonly Problem[];
}

/** Every Output and promise in an environment or a definition; a problem for each that stands where none may. */
export function findInputs(value: unknown, subject: string, of: 'environment' | 'definition'): FoundInputs {
  const pending: PendingInput[] = [];
  const problems: Problem[] = [];
  const allowed = of === 'environment' ? environmentLeaves : leaves;
  for (const { path, input } of inputsIn(value, [])) {
    const grammar = allowed.find(([shape]) => fits(shape, path))?.[1];
    if (grammar === undefined) problems.push(misplaced(subject, path));
    else pending.push({ subject, path, input, grammar });
  }
  return { pending, problems };
}

function misplaced(subject: string, path: Path): Problem {
  return {
    code: 'input-place',
    at: { subject, path: formatPath(path) },
    found: 'a value that is known only later',
    expected: 'a plain value: later ones may stand for an image, a value of env, an exact host or the address',
    fix: 'Write the value itself, or read it from configuration.',
  };
}

const fits = (shape: readonly string[], path: Path) =>
  shape.length === path.length && shape.every((step, index) => step === '*' || step === path[index]);

function inputsIn(value: unknown, path: Path): readonly { readonly path: Path; readonly input: Input<unknown> }[] {
  if (Output.isInstance(value) || value instanceof Promise) return [{ path, input: value }];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => inputsIn(item, [...path, index]));
  return Object.entries(value).flatMap(([key, item]) => inputsIn(item, [...path, key]));
}

/** The same value with other values at some paths. */
export function withValues(
  value: unknown,
  at: readonly { readonly path: Path; readonly value: unknown }[],
  depth = 0,
): unknown {
  const here = at.find(({ path }) => path.length === depth);
  if (here !== undefined) return here.value;
  if (at.length === 0 || typeof value !== 'object' || value === null) return value;
  const below = (step: string | number) => at.filter(({ path }) => path[depth] === step);
  if (Array.isArray(value)) return value.map((item, index) => withValues(item, below(index), depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withValues(item, below(key), depth + 1)]));
}
