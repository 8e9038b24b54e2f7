import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { endWith } from './end-with.ts';

/**
 * `npm run test:long [-- PART...] [--minutes N] [--seed N]`: what takes longer than a run of CI may. Each part is repeated
 * with another seed until its minutes are over; the seed of each round is printed. Exit codes: 0 all rounds passed, 1 one
 * failed, 2 wrong usage.
 */
const root = join(__dirname, '..');

interface Part {
  readonly what: string;
  /** The command of one round; the seed is in its environment. */
  readonly command: readonly string[];
  /** One round is all there is: it draws nothing. */
  readonly once?: true;
}

const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const node = process.execPath;
const endToEnd = ['run', '--config', 'vitest.e2e.config.ts'];

const parts: Readonly<Record<string, Part>> = {
  properties: {
    what: 'every property test, with new seeds',
    command: [node, vitest, 'run', ...withProperties(join(root, 'test'))],
  },
  nginx: {
    what: 'random routes through the router and a real nginx (needs root)',
    command: [node, vitest, ...endToEnd, 'test/e2e/controllers/router-nginx-fuzz.test.ts'],
  },
  'node-24': { what: 'the unit tests on Node 24', command: ['bash', 'scripts/node-24', 'unit'], once: true },
};

/** The suites below a folder that draw their cases, but for those that need a cluster. */
function withProperties(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && !file.startsWith('e2e/'))
    .map((file) => join(folder, file))
    .filter((file) => readFileSync(file, 'utf8').includes("from 'fast-check'"))
    .toSorted();
}

interface Wanted {
  readonly names: readonly string[];
  readonly minutes: number;
  readonly seed: number;
}

/** What the command line asks for, or what is wrong with it. */
function wanted(args: readonly string[]): Wanted | string {
  const names: string[] = [];
  const numbers = { '--minutes': 10, '--seed': Math.floor(Math.random() * 2 ** 31) };
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index] ?? '';
    if (word === '--minutes' || word === '--seed') {
      numbers[word] = Number(args[index + 1]);
      index += 1;
      if (!Number.isFinite(numbers[word])) return `${word}: expected a number, found ${args[index]}`;
    } else if (Object.hasOwn(parts, word)) names.push(word);
    else return `unknown part ${word}`;
  }
  return {
    names: names.length === 0 ? Object.keys(parts) : names,
    minutes: numbers['--minutes'],
    seed: numbers['--seed'],
  };
}

function round({ command }: Part, seed: number): Promise<number> {
  const [program = '', ...args] = command;
  const env = { ...process.env, EDGEPLANE_SEED: String(seed) };
  return new Promise((resolve) => {
    spawn(program, args, { cwd: root, env, stdio: 'inherit' })
      .once('error', () => resolve(1))
      .once('close', (code) => resolve(code ?? 1));
  });
}

async function runPart(name: string, minutes: number, first: number): Promise<boolean> {
  const part = parts[name];
  if (part === undefined) return false;
  const end = Date.now() + minutes * 60_000;
  let seed = first;
  do {
    process.stdout.write(`\n== ${name}: ${part.what}; seed ${seed}\n`);
    if ((await round(part, seed)) !== 0) {
      process.stdout.write(`\n${name} failed; again: npm run test:long -- ${name} --minutes 0 --seed ${seed}\n`);
      return false;
    }
    seed += 1;
  } while (Date.now() < end && part.once !== true);
  return true;
}

async function main(args: readonly string[]): Promise<number> {
  const asked = wanted(args);
  if (typeof asked === 'string') {
    const list = Object.entries(parts).map(([name, { what }]) => `  ${name.padEnd(12)}${what}\n`);
    process.stderr.write(`${asked}\nusage: npm run test:long [-- PART...] [--minutes N] [--seed N]\n${list.join('')}`);
    return 2;
  }
  let failed = 0;
  for (const name of asked.names) if (!(await runPart(name, asked.minutes, asked.seed))) failed += 1;
  return failed === 0 ? 0 : 1;
}

endWith(main(process.argv.slice(2)));
