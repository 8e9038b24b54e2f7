import { chmod, cp, mkdir, mkdtemp, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type ImageDefinition, type ImageFile, type ImageSettings, nonRoot } from './definition.ts';
import { aptSources, goFolder, type ImageSources, sourcePath } from './inputs.ts';

/** Every file of an image, and its creation, are dated so: same inputs, same bytes. */
const epoch = '1970-01-01T00:00:00Z';

/** What an archive is called and where it goes. */
export interface ArchiveTarget {
  readonly file: string;
  /** Tags put on the one image in it. */
  readonly tags: readonly [string, ...string[]];
}

/** Builds an image and writes it as an OCI archive; the file appears only when it is complete. */
export async function buildArchive(
  definition: ImageDefinition,
  target: ArchiveTarget,
  sources: ImageSources,
): Promise<void> {
  const folder = path.dirname(target.file);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const work = await mkdtemp(path.join(folder, '.building-'));
  try {
    const layers = await buildLayers(definition, work, sources);
    await assemble(definition, layers, target, work, sources);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function buildLayers(
  definition: ImageDefinition,
  work: string,
  sources: ImageSources,
): Promise<readonly string[]> {
  const root = path.join(work, 'root');
  await mkdir(root, { mode: 0o755 });
  switch (definition.kind) {
    case 'static':
      await placeFiles(definition.files, root, sources);
      break;
    case 'go':
      await buildGo(definition.folder, root, sources);
      break;
    case 'debian':
      await placeFiles(definition.files, root, sources);
      return [await debianLayer(definition, work, sources), await packLayer(definition, root, work, sources)];
    default:
      return definition satisfies never;
  }
  return [await packLayer(definition, root, work, sources)];
}

async function placeFiles(files: readonly ImageFile[], root: string, sources: ImageSources): Promise<void> {
  for (const file of files) {
    const to = path.join(root, file.path);
    const from = sourcePath(file.source, sources);
    await mkdir(path.dirname(to), { recursive: true });
    if (from !== undefined) await cp(from, to, { recursive: true, verbatimSymlinks: true });
    if (file.source.from === 'text') await writeFile(to, file.source.text);
  }
}

/** The modes of a checkout depend on who made it; an image's do not, and whoever runs it can read it all. */
async function normaliseModes(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const inside = path.join(folder, entry.name);
    if (entry.isDirectory()) await normaliseModes(inside);
    else if (entry.isFile()) await chmod(inside, (await stat(inside)).mode & 0o111 ? 0o755 : 0o644);
  }
}

async function placeRest(definition: ImageDefinition, root: string): Promise<void> {
  const folders = Object.entries(definition.folders ?? {});
  for (const [folder] of folders) await mkdir(path.join(root, folder), { recursive: true });
  await normaliseModes(root);
  for (const [folder, mode] of folders) await chmod(path.join(root, folder), mode);
  for (const file of definition.kind === 'go' ? [] : definition.files) {
    if (file.mode !== undefined) await chmod(path.join(root, file.path), file.mode);
  }
  for (const [link, target] of Object.entries(definition.links ?? {})) {
    await mkdir(path.dirname(path.join(root, link)), { recursive: true });
    await symlink(target, path.join(root, link));
  }
}

async function buildGo(folder: string, root: string, sources: ImageSources): Promise<void> {
  const flags = ['-trimpath', '-buildvcs=false', '-ldflags', '-s -w -buildid=', '-o', path.join(root, folder)];
  await sources.run('go', ['build', ...flags, '.'], {
    cwd: goFolder(folder, sources),
    env: { ...sources.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOWORK: 'off' },
  });
}

async function debianLayer(
  definition: { readonly variant: string; readonly packages: readonly string[] },
  work: string,
  sources: ImageSources,
): Promise<string> {
  const layer = path.join(work, 'debian.tar');
  const include = definition.packages.join(',');
  const from = await aptSources();
  const args = [`--variant=${definition.variant}`, `--include=${include}`, 'bookworm', layer, ...from];
  await sources.run('mmdebstrap', ['--quiet', ...args], { env: { ...sources.env, SOURCE_DATE_EPOCH: '0' } });
  return layer;
}

/** A tar whose bytes depend on names, modes and contents alone. */
function deterministicTar(from: string, to: string): readonly string[] {
  const order = ['--sort=name', `--mtime=${epoch}`, '--owner=0', '--group=0', '--numeric-owner', '--format=gnu'];
  return [...order, '-cf', to, '-C', from, '.'];
}

async function packLayer(
  definition: ImageDefinition,
  root: string,
  work: string,
  sources: ImageSources,
): Promise<string> {
  await placeRest(definition, root);
  const layer = path.join(work, 'files.tar');
  await sources.run('tar', deterministicTar(root, layer));
  return layer;
}

async function assemble(
  definition: ImageDefinition,
  layers: readonly string[],
  target: ArchiveTarget,
  work: string,
  sources: ImageSources,
): Promise<void> {
  const layout = path.join(work, 'layout');
  const [first, ...others] = target.tags;
  const image = `${layout}:${first}`;
  const umoci = (...args: readonly string[]) => sources.run('umoci', args);
  await umoci('init', '--layout', layout);
  await umoci('new', '--image', image);
  for (const layer of layers) await umoci('raw', 'add-layer', '--image', image, '--history.created', epoch, layer);
  await umoci('config', '--image', image, '--no-history', '--created', epoch, ...settingFlags(definition));
  for (const tag of others) await umoci('tag', '--image', image, tag);
  await umoci('gc', '--layout', layout);
  const packed = path.join(work, 'image.tar');
  await sources.run('tar', deterministicTar(layout, packed));
  await rename(packed, target.file);
}

/** The flags of `umoci config` for an image's settings. */
export function settingFlags(settings: ImageSettings): readonly string[] {
  const each = (flag: string, values: readonly string[]) => values.flatMap((value) => [`--config.${flag}`, value]);
  const env = Object.entries(settings.env ?? {}).map(([name, value]) => `${name}=${value}`);
  return [
    ...each('entrypoint', settings.entrypoint),
    ...each('cmd', settings.command ?? []),
    ...each('env', env.toSorted()),
    ...each('workingdir', settings.workingDir === undefined ? [] : [settings.workingDir]),
    ...each('user', [settings.user ?? nonRoot]),
  ];
}
