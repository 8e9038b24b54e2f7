import type { Command } from 'commander';
import type { Problem } from '../../components/model/problem.ts';
import type { Exemption, Held } from '../../policies/judge/exemption.ts';
import type { ExemptionFile } from '../exemption-file.ts';
import type { Findings } from '../finding-words.ts';
import { countFindings, type FindingsFormat, formatFindings } from '../findings.ts';
import { type CompiledInput, inputOptions, loadStack } from '../input.ts';
import type { Io } from '../io.ts';
import type { PolicyFindings } from '../policy-findings.ts';
import { allowOption, allows, type ReadInput, readInput, readingOptions } from '../reading.ts';
import { addVerb, type Flags, type Verb } from '../verb.ts';

/** Every problem, every loss and every rule that an object breaks, on standard output. */
export const verb: Verb = {
  operands: [],
  options: [
    ...inputOptions,
    ...readingOptions,
    allowOption,
    {
      flags: '--exemptions <path>',
      description: 'YAML list of findings to live with: rule, object, reason, owner, until',
    },
    {
      flags: '--format <format>',
      description: 'how findings are written',
      choices: ['text', 'json', 'sarif', 'junit'],
      fallback: 'text',
    },
  ],
  examples: [
    'edgeplane check --stack production',
    'edgeplane check -f shop.yaml --format sarif > findings.sarif',
    'edgeplane check -f manifests/ --exemptions exemptions.yaml --format junit > findings.xml',
    'edgeplane check --context staging',
  ],
  run: async (_operands, flags, io) => {
    const input = await readInput(flags, io);
    const compiled = compiledFindings(input.compiled);
    const file = await exemptionsOf(flags, io);
    const policies = await judged(input, file, flags, io);
    const read = await readFindings(input, policies, file, flags, io);
    const findings: Findings = {
      problems: [...compiled.problems, ...(read?.problems ?? []), ...(policies?.problems ?? [])],
      losses: compiled.losses,
      ...(policies === null ? {} : told(policies)),
      ...(read === null ? {} : { doubts: read.doubts, notes: read.notes }),
    };
    io.out(formatFindings(findings, flags.format as FindingsFormat, io.colours));
    if (input.compiled !== null) sayCompiled(input.compiled, policies, input.objects.length > 0, io);
    if (read !== null) {
      if (input.compiled === null) for (const line of exemptionLines(policies)) io.words(line);
      for (const line of read.lines) io.words(line);
      const { problems, doubts, notes } = read;
      const counted = countFindings({ problems, losses: [], doubts, notes, violations: policies?.violations ?? [] });
      io.words(`${read.of}: ${counted}\n`);
      for (const line of read.unread) io.words(`${line}\n`);
    }
    for (const line of input.skipped) io.words(`${line}\n`);
    const untold = allows(flags, 'cannot tell') ? 0 : (read?.doubts.length ?? 0) + (read?.unread.length ?? 0);
    const broken = findings.problems.length + findings.losses.length + (policies?.violations.length ?? 0);
    return broken + untold === 0 ? 0 : 1;
  },
};

function told({ violations, notEvaluable, exempted }: PolicyFindings) {
  return { violations, notEvaluable, exempted };
}

function compiledFindings(compiled: CompiledInput | null): Findings {
  return compiled === null || compiled.outcome.ok ? { problems: [], losses: [] } : compiled.outcome;
}

/** What rules say; null where there is nothing to judge. Foreign objects count as the stack's, except as those of a developer's machine. */
async function judged(
  { compiled, objects }: ReadInput,
  file: ExemptionFile,
  flags: Flags,
  io: Io,
): Promise<PolicyFindings | null> {
  const outcome = compiled?.outcome ?? null;
  if (objects.length === 0 && outcome?.ok !== true) return null;
  const [{ policyFindings }, { environment }, { exemptableCodes }] = await Promise.all([
    import('../policy-findings.ts'),
    loadStack(String(flags.stack)),
    import('../reading-exemptions.ts'),
  ]);
  const production = environment.production ?? environment.name === 'production';
  const { name } = environment;
  const exemptions = file.exemptions.filter(({ rule }) => !exemptableCodes.has(rule));
  const found = policyFindings({ outcome, objects, environment: name, production, exemptions, today: io.today });
  return { ...found, problems: [...file.problems, ...found.problems] };
}

async function exemptionsOf({ exemptions }: Flags, io: Io): Promise<ExemptionFile> {
  if (typeof exemptions !== 'string') return { exemptions: [], problems: [] };
  const { readExemptions } = await import('../exemption-file.ts');
  return readExemptions(exemptions, io);
}

/** Problems of existing objects apart from what is only told about them. What a rule finds as well is told once. */
async function readFindings(
  { reading }: ReadInput,
  policies: PolicyFindings | null,
  { exemptions }: ExemptionFile,
  flags: Flags,
  io: Io,
) {
  if (reading === null) return null;
  const [{ judge }, { readingWords, unreadWords }, { heldProblems }, { environment }] = await Promise.all([
    import('../../components/readers/judge.ts'),
    import('../reading-words.ts'),
    import('../reading-exemptions.ts'),
    loadStack(String(flags.stack)),
  ]);
  const owners = new Set(
    policies?.violations.filter(({ rule }) => rule === 'one-owner').map(({ at }) => at.subject) ?? [],
  );
  const byRule = (code: string, subject: string) =>
    code === 'open-route' || (code === 'route-conflict' && owners.has(subject));
  const notes = judge(reading)
    .filter(({ code, at }) => !byRule(code, at.subject))
    .map(({ severity, ...finding }) => ({ severity, finding }));
  const of = (wanted: string) => notes.filter(({ severity }) => severity === wanted).map(({ finding }) => finding);
  const held = heldProblems(of('error'), exemptions, environment.name, io.today);
  return {
    of: readingWords(reading),
    unread: unreadWords(reading),
    lines: heldLines(held),
    problems: [...held.counted, ...held.expired],
    doubts: of('doubt'),
    notes: of('note'),
  };
}

/** A line for each exemption that was used, and for each that nothing needs. */
function heldLines({ exempted, unused }: Held<Problem>): readonly string[] {
  const used = new Set(exempted.map(({ exemption }) => exemption));
  return [...[...used].map((exemption) => exemptLine(exemption.rule, exemption)), ...unused.map(unusedLine)];
}

function sayCompiled({ of, outcome }: CompiledInput, policies: PolicyFindings | null, others: boolean, io: Io): void {
  if (!outcome.ok) {
    io.words(`${of}: ${countFindings(outcome)}\n`);
    return;
  }
  const { plan, acceptedLosses } = outcome;
  for (const { loss, acceptance } of acceptedLosses) {
    io.words(`accepted until ${acceptance.until}: ${loss.name} at ${acceptance.at} (${acceptance.reason})\n`);
  }
  for (const line of exemptionLines(policies)) io.words(line);
  const violations = others ? [] : (policies?.violations ?? []);
  const mend = violations.length === 0 ? 'nothing to mend' : countFindings({ problems: [], losses: [], violations });
  io.words(`${of}: ${plan.apps.length} apps, ${plan.routes.length} routes, ${mend}\n`);
}

/** One line for each exemption, however many findings it covers. */
function exemptionLines(policies: PolicyFindings | null): readonly string[] {
  const { exempted = [], unused = [] } = policies ?? {};
  const words = exempted.flatMap(({ rule, exemption }) => (exemption === undefined ? [] : exemptLine(rule, exemption)));
  return [...new Set(words), ...unused.map(unusedLine)];
}

function exemptLine(rule: string, { until, reason }: Pick<Exemption, 'until' | 'reason'>): string {
  return `exempt until ${until}: ${rule} (${reason})\n`;
}

function unusedLine({ rule, object }: Exemption): string {
  return `unused exemption: ${rule} for ${object}; take it away\n`;
}

export function define(command: Command): Command {
  return addVerb(command, verb);
}
