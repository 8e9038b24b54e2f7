import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { withLock } from '../lock.ts';
import { buildArchive } from './archive.ts';
import { catalogue, type ImageName } from './catalogue.ts';
import type { ImageDefinition } from './definition.ts';
import { contentTag, type ImageSources, readInputs } from './inputs.ts';
import { prepareSources } from './prepare.ts';
import { exactReference, imageAlias } from './reference.ts';

/** What building needs beside the inputs. */
export interface BuildContext extends ImageSources {
  /** Where archives are kept between runs: `~/.cache/edgeplane/images`. */
  readonly cacheDir: string;
  /** Told when an image is built, not when it is found in the cache. */
  readonly onBuild?: (name: string) => void;
}

/** An image as an OCI archive in the cache. */
export interface BuiltImage {
  readonly name: ImageName;
  /** `edgeplane.local/<name>:<content tag>`. */
  readonly reference: string;
  /** `edgeplane.local/<name>:local`. */
  readonly alias: string;
  readonly archive: string;
}

/**
 * Builds those of the named images whose inputs have changed since they were last built, and gives all of them.
 * One after the other: each build keeps every core busy by itself.
 * @throws the first failed build; finished ones stay in the cache.
 */
export async function ensureImages(names: readonly ImageName[], context: BuildContext): Promise<readonly BuiltImage[]> {
  await mkdir(context.cacheDir, { recursive: true, mode: 0o700 });
  const sorted = [...new Set(names)].toSorted();
  const prepared = await prepareSources(
    sorted.map((name) => catalogue[name]),
    context,
  );
  const wanted = await Promise.all(sorted.map((name) => tagImage(name, prepared)));
  const built: BuiltImage[] = [];
  for (const { name, tag } of wanted) built.push(await ensureImage(name, tag, prepared));
  return built;
}

async function tagImage(name: ImageName, context: BuildContext) {
  const definition: ImageDefinition = catalogue[name];
  return { name, tag: contentTag(definition, await readInputs(definition, context)) };
}

async function ensureImage(name: ImageName, tag: string, context: BuildContext): Promise<BuiltImage> {
  const archive = path.join(context.cacheDir, `${name}-${tag}.tar`);
  const [reference, alias] = [exactReference(name, tag), imageAlias(name)];
  const build = async () => {
    if (await exists(archive)) return;
    context.onBuild?.(name);
    await buildArchive(catalogue[name], { file: archive, tags: [tagOf(reference), tagOf(alias)] }, context);
    await forgetOld(name, context.cacheDir);
  };
  // Whoever comes while another process builds the same image waits for it.
  if (!(await exists(archive))) await withLock(path.join(context.cacheDir, `${name}.lock`), { wait: true }, build);
  return { name, reference, alias, archive };
}

const tagOf = (reference: string) => reference.slice(reference.lastIndexOf(':') + 1);

/** Archives of one image that stay in the cache: a few branches may be worked on in turn. */
const keptArchives = 4;

async function forgetOld(name: string, cacheDir: string): Promise<void> {
  const own = (await readdir(cacheDir)).filter((file) => new RegExp(`^${name}-[0-9a-f]{20}\\.tar$`).test(file));
  const dated = await Promise.all(
    own.map(async (file) => ({ file, at: (await stat(path.join(cacheDir, file))).mtimeMs })),
  );
  const old = dated.toSorted((a, b) => b.at - a.at).slice(keptArchives);
  await Promise.all(old.map(({ file }) => rm(path.join(cacheDir, file), { force: true })));
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
