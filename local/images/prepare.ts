import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { withLock } from '../lock.ts';
import type { FileSource, ImageDefinition } from './definition.ts';
import { type ImageSources, packageVersions } from './inputs.ts';

const manifests = ['package.json', 'package-lock.json'] as const;

/**
 * Makes what images take from generated places: the controllers' bundles, and npm packages installed by lockfile below
 * `<cacheDir>/npm`, once for each lockfile. Gives the context that finds them.
 * @throws with npm's words when a package cannot be installed.
 */
export async function prepareSources<C extends ImageSources & { readonly cacheDir: string }>(
  definitions: readonly ImageDefinition[],
  context: C,
): Promise<C> {
  const sources = definitions.flatMap(fileSources);
  if (sources.some(({ from }) => from === 'bundle')) await bundle(context.projectRoot);
  const folders = new Set(sources.flatMap((source) => (source.from === 'npm' ? [source.folder] : [])));
  const installed = new Map<string, string>();
  for (const folder of folders) installed.set(folder, await installPackages(folder, context));
  const packageFolder = (folder: string) => installed.get(folder) ?? path.join(context.cacheDir, 'npm', folder);
  return { ...context, packageFolder, packageVersions: (packages) => rememberedVersions(packages, context) };
}

/** What `apt-get update`, an installed package and the user's preferences change. */
const aptState = ['/var/lib/apt/lists', '/var/lib/dpkg/status', '/etc/apt', '/etc/apt/preferences.d'];

/** What apt says is asked again when its state has changed: it takes seconds to follow all that a package depends on. */
async function rememberedVersions(
  packages: readonly string[],
  { cacheDir, run }: ImageSources & { readonly cacheDir: string },
): Promise<string> {
  const stats = await Promise.all(aptState.map((file) => stat(file).catch(() => undefined)));
  const key = JSON.stringify([packages, stats.map((found) => found?.mtimeMs)]);
  const name = createHash('sha256').update(JSON.stringify(packages)).digest('hex').slice(0, 20);
  const file = path.join(cacheDir, `packages-${name}.json`);
  const kept = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as Remembered,
    () => undefined,
  );
  if (kept?.key === key) return kept.versions;
  const versions = await packageVersions(packages, run);
  const unfinished = `${file}.${process.pid}`;
  await writeFile(unfinished, JSON.stringify({ key, versions } satisfies Remembered), { mode: 0o600 });
  await rename(unfinished, file);
  return versions;
}

interface Remembered {
  readonly key: string;
  readonly versions: string;
}

function fileSources(definition: ImageDefinition): readonly FileSource[] {
  return definition.kind === 'go' ? [] : definition.files.map(({ source }) => source);
}

/** Loaded only when it is needed: the bundler takes longer to load than most verbs take to run. */
async function bundle(projectRoot: string): Promise<void> {
  const { bundleControllers } = await import('../../scripts/bundle.ts');
  await bundleControllers(projectRoot);
}

async function installPackages(
  folder: string,
  { projectRoot, cacheDir, run, env }: ImageSources & { readonly cacheDir: string },
): Promise<string> {
  const own = path.join(projectRoot, 'local/images', folder);
  const texts = await Promise.all(manifests.map((name) => readFile(path.join(own, name))));
  const key = createHash('sha256').update(Buffer.concat(texts)).digest('hex').slice(0, 20);
  const target = path.join(cacheDir, 'npm', `${folder}-${key}`);
  const packages = path.join(target, 'node_modules');
  if (existsSync(target)) return packages;
  await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
  await withLock(path.join(cacheDir, 'npm', `${folder}.lock`), { wait: true }, async () => {
    if (existsSync(target)) return;
    const unfinished = `${target}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { mode: 0o700 });
    for (const name of manifests) await copyFile(path.join(own, name), path.join(unfinished, name));
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--no-progress'], { cwd: unfinished, env });
    await rename(unfinished, target);
  });
  return packages;
}
