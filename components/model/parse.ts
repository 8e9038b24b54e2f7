import { apiVersion } from './define.ts';
import {
  type Origin,
  type ParsedApp,
  type ParsedDefinition,
  type ParsedEdgeRoutes,
  type ParsedEnvironment,
  placeAt,
} from './definition.ts';
import type { Finding } from './finding.ts';
import { isObject, nearest } from './form.ts';
import { holdAgainst } from './form-problems.ts';
import type { Path } from './path.ts';
import { type Fault, toPlain } from './plain.ts';
import type { Problem, Result } from './problem.ts';
import { brokenAppRules, brokenEdgeRoutesRules, brokenEnvironmentRules } from './rules/index.ts';
import { appSchema, edgeRoutesSchema } from './schema/app.ts';
import { environmentSchema } from './schema/environment.ts';
import { show } from './shown.ts';

/** One definition and where it came from. */
export interface Source {
  readonly input: unknown;
  readonly origin?: Origin | undefined;
}

type Kind = 'App' | 'EdgeRoutes';
const kinds: readonly Kind[] = ['App', 'EdgeRoutes'];

/** Reads one definition. Every problem of it comes at once; no input makes it throw. */
export function parseDefinition(input: unknown, origin?: Origin): Result<ParsedDefinition> {
  return parseNumbered({ input, origin }, 1);
}

/** Reads many definitions: all of them, or every problem of all of them. */
export function parseDefinitions(sources: readonly Source[]): Result<readonly ParsedDefinition[]> {
  return collect(sources.map((source, index) => parseNumbered(source, index + 1)));
}

/** Reads an environment. No input makes it throw. */
export function parseEnvironment(input: unknown): Result<ParsedEnvironment> {
  const { value, faults } = toPlain(input);
  const subject = isObject(value) && isShownName(value.name) ? `environment ${value.name}` : 'environment';
  if (isTooLarge(faults)) return finish<ParsedEnvironment>(faults, subject, undefined, undefined);
  const held = holdAgainst(environmentSchema, value);
  const form = [...faults, ...beside(faults, held.findings)];
  const rules = isObject(value) ? brokenEnvironmentRules(value as unknown as ParsedEnvironment, form) : [];
  return finish([...form, ...rules], subject, undefined, held.value);
}

/** All values, or all problems. */
function collect<T>(results: readonly Result<T>[]): Result<readonly T[]> {
  const problems: Problem[] = [];
  const values: T[] = [];
  for (const result of results) {
    if (result.ok) values.push(result.value);
    else for (const problem of result.problems) problems.push(problem);
  }
  return problems.length === 0 ? { ok: true, value: values } : { ok: false, problems };
}

function parseNumbered({ input, origin }: Source, number: number): Result<ParsedDefinition> {
  const { value, faults } = toPlain(input);
  if (isTooLarge(faults)) return rejected(faults, value, number, origin);
  if (!isObject(value)) return rejected([...faults, ...beside(faults, [noDefinition(value)])], value, number, origin);
  const head = headFindings(value);
  const kind = kindMeant(value.kind);
  const nothingOfOurs = value.apiVersion === undefined && value.kind === undefined && value.name === undefined;
  if (kind === undefined || nothingOfOurs) return rejected([...faults, ...head], value, number, origin);
  const { apiVersion: _version, kind: _kind, ...fields } = value;
  const subject = subjectOf(value, number, origin);
  const base = origin === undefined ? { subject } : { subject, origin };
  const { findings, definition } = readAs(kind, fields, base);
  const form = [...faults, ...beside(faults, [...head, ...findings])];
  return finish([...form, ...rulesOf(kind, fields, form)], subject, origin, definition);
}

function rulesOf(kind: Kind, fields: object, form: readonly Finding[]): readonly Finding[] {
  return kind === 'App'
    ? brokenAppRules(fields as ParsedApp, form)
    : brokenEdgeRoutesRules(fields as ParsedEdgeRoutes, form);
}

interface Reading {
  readonly findings: readonly Finding[];
  readonly definition: ParsedDefinition | undefined;
}

function readAs(kind: Kind, fields: object, base: Pick<ParsedDefinition, 'subject' | 'origin'>): Reading {
  if (kind === 'App') {
    const { value, findings } = holdAgainst(appSchema, fields);
    return { findings, definition: value === undefined ? undefined : { kind, value, ...base } };
  }
  const { value, findings } = holdAgainst(edgeRoutesSchema, fields);
  return { findings, definition: value === undefined ? undefined : { kind, value, ...base } };
}

function finish<T>(
  found: readonly Finding[],
  subject: string,
  origin: Origin | undefined,
  value: T | undefined,
): Result<T> {
  if (found.length === 0 && value !== undefined) return { ok: true, value };
  return { ok: false, problems: found.map((finding) => problemAt(finding, subject, origin)) };
}

function rejected(found: readonly Finding[], value: unknown, number: number, origin: Origin | undefined) {
  const subject = subjectOf(value, number, origin);
  return { ok: false as const, problems: found.map((finding) => problemAt(finding, subject, origin)) };
}

function problemAt({ code, path, ...text }: Finding, subject: string, origin: Origin | undefined): Problem {
  return { code, at: placeAt(subject, origin, path), ...text };
}

/** Only a part of it was read, so there is nothing more to say. */
function isTooLarge(faults: readonly Fault[]): boolean {
  return faults.some(({ code }) => code === 'too-large');
}

/** Findings that no fault of the input explains. */
function beside(faults: readonly { readonly path: Path }[], findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(
    ({ path }) => !faults.some((fault) => fault.path.every((step, index) => path[index] === step)),
  );
}

function noDefinition(value: unknown): Finding {
  const expected = 'a definition: an object with apiVersion, kind and name';
  return { code: 'wrong-type', path: [], found: show(value, []), expected, fix: 'Write one by defineApp, or as YAML.' };
}

function headFindings(value: Readonly<Record<string, unknown>>): readonly Finding[] {
  const known = kinds.some((name) => name === value.kind);
  if (known && value.apiVersion === apiVersion) return [];
  const version: Finding = {
    code: 'unknown-version',
    path: ['apiVersion'],
    found: show(value.apiVersion, ['apiVersion']),
    expected: JSON.stringify(apiVersion),
    fix: `Write apiVersion: ${apiVersion}.`,
  };
  const kind: Finding = {
    code: 'unknown-kind',
    path: ['kind'],
    found: show(value.kind, ['kind']),
    expected: 'App or EdgeRoutes',
    fix: `Write kind: ${kindMeant(value.kind) ?? 'App, or leave this object out of the definitions'}.`,
  };
  if (kindMeant(value.kind) === undefined) return [kind];
  return [...(value.apiVersion === apiVersion ? [] : [version]), ...(known ? [] : [kind])];
}

/** The kind an author meant; a definition without one is taken as an app, so that its other problems come too. */
function kindMeant(kind: unknown): Kind | undefined {
  if (kind === undefined) return 'App';
  if (typeof kind !== 'string') return undefined;
  return kinds.find((known) => known === kind || known.toLowerCase() === kind.toLowerCase() || nearest(kind, [known]));
}

function subjectOf(value: unknown, number: number, origin: Origin | undefined): string {
  if (!isObject(value) || !isShownName(value.name)) return origin?.file ?? `definition ${number}`;
  const kind = kindMeant(value.kind) === 'EdgeRoutes' ? 'routes' : 'app';
  return isShownName(value.namespace) ? `${kind} ${value.namespace}/${value.name}` : `${kind} ${value.name}`;
}

/** A name that can stand in a line of text as it is. */
function isShownName(name: unknown): name is string {
  return typeof name === 'string' && /^[A-Za-z0-9._-]{1,63}$/.test(name);
}
