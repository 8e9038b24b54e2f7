import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { attempt, run } from './command.ts';
import { withLock } from './lock.ts';
import type { Progress } from './progress.ts';
import { buildFlags, oldestGo, type ToolName, type ToolPin, toolPins } from './tools/pins.ts';

/** The programs that were asked for, by name: absolute paths. */
export type Tools = Readonly<Record<ToolName, string>>;

/** What a build needs to know from outside. */
export interface ToolContext {
  /** The project's folder `local/tools`. */
  readonly modules: string;
  /** Where built programs are kept: `<cache>/tools`. */
  readonly cacheDir: string;
  /** The environment of the build. Settings that weaken checksum verification are taken out. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

/** Everything that a built program depends on. */
export interface ToolInputs {
  readonly pin: ToolPin;
  readonly goMod: string;
  readonly goSum: string;
  readonly flags: readonly string[];
  readonly goVersion: string;
}

/** Names the folder of one build: the same inputs, the same folder. 20 hexadecimal digits. */
export function toolKey(inputs: ToolInputs): string {
  const { pin, goMod, goSum, flags, goVersion } = inputs;
  const parts = [pin.name, pin.package, goMod, goSum, flags, goVersion];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 20);
}

/** The version in the output of `go version`, or what is wrong with it and how to mend it. */
export function readGoVersion(output: string): { readonly version: string } | { readonly problem: string } {
  const [oldestMajor, oldestMinor] = oldestGo;
  const wanted = `Go ${oldestMajor}.${oldestMinor} or newer`;
  const match = /go version (go(\d+)\.(\d+)\S*)/.exec(output);
  if (!match) return { problem: `no Go found in PATH; ${wanted} is needed. Get it from https://go.dev/dl/` };
  const [, version = '', major, minor] = match;
  const isOld = Number(major) < oldestMajor || (Number(major) === oldestMajor && Number(minor) < oldestMinor);
  return isOld
    ? { problem: `found ${version}; ${wanted} is needed. Get it from https://go.dev/dl/` }
    : { version: `${version} ${output.trim().split(' ').at(-1)}` };
}

/** The environment of a build: no setting of the user's may switch off the check of a module's content. */
export function buildEnvironment(env: ToolContext['env']): Readonly<Record<string, string | undefined>> {
  const weakening = ['GONOSUMDB', 'GONOSUMCHECK', 'GONOSUM', 'GOINSECURE', 'GOFLAGS', 'GOWORK', 'GOPRIVATE'];
  const kept = Object.entries(env).filter(([name]) => !weakening.includes(name));
  return { ...Object.fromEntries(kept), CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '' };
}

async function goVersion(context: ToolContext): Promise<string> {
  const output = await attempt('go', ['version'], { env: context.env }).then(
    (result) => result.stdout,
    () => '',
  );
  const found = readGoVersion(output);
  if ('problem' in found) throw new Error(found.problem);
  return found.version;
}

async function folderOf(pin: ToolPin, version: string, context: ToolContext): Promise<string> {
  const moduleFile = (name: string) => readFile(join(context.modules, pin.module, name), 'utf8');
  const [goMod, goSum] = await Promise.all([moduleFile('go.mod'), moduleFile('go.sum')]);
  const key = toolKey({ pin, goMod, goSum, flags: buildFlags, goVersion: version });
  return join(context.cacheDir, `${pin.name}-${key}`);
}

/** A build that was cut off leaves a folder with another name, which no later run takes for a program. */
async function build(pin: ToolPin, folder: string, context: ToolContext): Promise<void> {
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  await run('go', ['build', ...buildFlags, '-o', join(unfinished, pin.name), pin.package], {
    cwd: join(context.modules, pin.module),
    env: buildEnvironment(context.env),
    ...(context.signal ? { signal: context.signal } : {}),
  });
  await rename(unfinished, folder);
}

/** Builds of one program that stay: a few branches may be worked on in turn. */
const keptBuilds = 3;

async function forgetOld(name: string, cacheDir: string): Promise<void> {
  const own = (await readdir(cacheDir)).filter((folder) => new RegExp(`^${name}-[0-9a-f]{20}$`).test(folder));
  const dated = await Promise.all(own.map(async (f) => ({ f, at: (await stat(join(cacheDir, f))).mtimeMs })));
  const old = dated.toSorted((a, b) => b.at - a.at).slice(keptBuilds);
  await Promise.all(old.map(({ f }) => rm(join(cacheDir, f), { recursive: true, force: true })));
}

/**
 * Builds those of the named programs that are not in the cache, and gives the path of each. One after the other: a
 * build keeps every core busy by itself. Two runs at once build once.
 * @throws when Go is missing or too old, and with the compiler's words when a build fails.
 */
export async function ensureTools<N extends ToolName>(
  names: readonly N[],
  context: ToolContext,
): Promise<Readonly<Record<N, string>>> {
  const version = await goVersion(context);
  await mkdir(context.cacheDir, { recursive: true });
  const paths = {} as Record<N, string>;
  for (const name of names) {
    const pin = toolPins[name];
    const folder = await folderOf(pin, version, context);
    paths[name] = join(folder, name);
    if (existsSync(folder)) continue;
    await withLock(join(context.cacheDir, `${name}.lock`), { wait: true, ...context }, async () => {
      if (existsSync(folder)) return;
      await context.progress.step(`building ${name} from source`, () => build(pin, folder, context));
      await utimes(folder, new Date(), new Date());
      await forgetOld(name, context.cacheDir);
    });
  }
  return paths;
}
