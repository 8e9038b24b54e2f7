import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import type { CommandOptions } from '../command.ts';
import type { FileSource, ImageDefinition, ImageFile } from './definition.ts';

/** Runs a program to its end and gives its standard output: `run` of `local/command.ts`. */
export type RunCommand = (program: string, args: readonly string[], options?: CommandOptions) => Promise<string>;

/** Where the inputs of images are found. */
export interface ImageSources {
  /** The root of the checkout. */
  readonly projectRoot: string;
  /** Path of a built tool's binary. */
  readonly toolBinary: (tool: string) => string;
  /** Folder of the installed packages of `local/images/<folder>`. @default throws: nothing was prepared */
  readonly packageFolder?: (folder: string) => string;
  /** Names and candidate versions of Debian packages and all they depend on. @default asks apt */
  readonly packageVersions?: (packages: readonly string[]) => Promise<string>;
  readonly run: RunCommand;
  /** The environment of the programs that build. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** One thing an image is made of, named and digested. */
export interface Input {
  readonly name: string;
  readonly digest: string;
}

/** A file's place on this machine; text has none. */
export function sourcePath(source: FileSource, sources: ImageSources): string | undefined {
  switch (source.from) {
    case 'project':
      return path.join(sources.projectRoot, source.path);
    case 'machine':
      return source.path;
    case 'tool':
      return sources.toolBinary(source.tool);
    case 'bundle':
      return path.join(sources.projectRoot, 'build/controllers', `${source.controller}.cjs`);
    case 'npm':
      return path.join(preparedFolder(source.folder, sources), source.path);
    case 'text':
      return undefined;
    default:
      return source satisfies never;
  }
}

function preparedFolder(folder: string, { packageFolder }: ImageSources): string {
  if (packageFolder === undefined)
    throw new Error(`packages of local/images/${folder} are not installed for this build`);
  return packageFolder(folder);
}

/** The folder of a Go image's main package. */
export function goFolder(folder: string, sources: ImageSources): string {
  return path.join(sources.projectRoot, 'local/images', folder);
}

/** Bumped when the builder makes a different image of the same inputs. */
const builderVersion = 1;

/** The content tag of an image: its definition and every input. Twenty hex digits; the order of inputs is irrelevant. */
export function contentTag(definition: ImageDefinition, inputs: readonly Input[]): string {
  const lines = inputs.map((input) => `${input.name} ${input.digest}`).toSorted();
  const text = JSON.stringify([builderVersion, definition, lines]);
  return createHash('sha256').update(text).digest('hex').slice(0, 20);
}

/**
 * Digests everything an image is made of: the bytes of its files, the candidate version of every Debian package it
 * pulls in, its Go sources and the compiler's version.
 * @throws when an input is missing.
 */
export async function readInputs(definition: ImageDefinition, sources: ImageSources): Promise<readonly Input[]> {
  switch (definition.kind) {
    case 'static':
      return fileInputs(definition.files, sources);
    case 'debian':
      return [
        ...(await fileInputs(definition.files, sources)),
        { name: 'debian packages', digest: await versionsOf(definition.packages, sources) },
      ];
    case 'go':
      return [
        ...(await treeInputs(goFolder(definition.folder, sources), '/src')),
        { name: 'go', digest: (await sources.run('go', ['env', 'GOVERSION'])).trim() },
      ];
    default:
      return definition satisfies never;
  }
}

async function fileInputs(files: readonly ImageFile[], sources: ImageSources): Promise<readonly Input[]> {
  const inputs = files.map(async (file) => {
    const from = sourcePath(file.source, sources);
    return from === undefined ? [] : treeInputs(from, file.path);
  });
  return (await Promise.all(inputs)).flat();
}

async function treeInputs(from: string, name: string): Promise<readonly Input[]> {
  const entry = await lstat(from).catch(() => {
    throw new Error(`image input ${from}: no such file, expected it for ${name}; build or install what provides it`);
  });
  if (entry.isSymbolicLink()) return [{ name, digest: `link ${await readlink(from)}` }];
  if (!entry.isDirectory()) return [{ name, digest: `${(entry.mode & 0o111) !== 0} ${await digestFile(from)}` }];
  const children = (await readdir(from)).map((child) => treeInputs(path.join(from, child), `${name}/${child}`));
  return (await Promise.all(children)).flat();
}

async function digestFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

const recursion = ['no-recommends', 'no-suggests', 'no-conflicts', 'no-breaks', 'no-replaces', 'no-enhances'];

function versionsOf(packages: readonly string[], sources: ImageSources): Promise<string> {
  return sources.packageVersions?.(packages) ?? packageVersions(packages, sources.run);
}

/** Names and candidate versions of the packages and all they depend on: a security update changes it. */
export async function packageVersions(packages: readonly string[], run: RunCommand): Promise<string> {
  const flags = recursion.map((flag) => `--${flag}`);
  const closure = (await run('apt-cache', ['depends', '--recurse', ...flags, ...packages]))
    .split('\n')
    .filter((line) => /^\w/.test(line));
  const policy = await run('apt-cache', ['policy', ...new Set([...packages, ...closure])]);
  return candidates(policy).join(' ');
}

/** `package=version` of each package that apt could install, sorted; from the output of `apt-cache policy`. */
export function candidates(policy: string): readonly string[] {
  const found = [...policy.matchAll(/^(\S+):\n {2}Installed: .*\n {2}Candidate: (\S+)/gm)];
  return found
    .filter((match) => match[2] !== '(none)')
    .map((match) => `${match[1]}=${match[2]}`)
    .toSorted();
}

/** The apt source files of this machine, which a Debian image is made from too. */
export async function aptSources(): Promise<readonly string[]> {
  const folder = '/etc/apt/sources.list.d';
  const listed = (await readdir(folder).catch(() => [])).filter((name) => /\.(list|sources)$/.test(name)).toSorted();
  const all = ['/etc/apt/sources.list', ...listed.map((name) => path.join(folder, name))];
  const texts = await Promise.all(all.map((file) => readFile(file, 'utf8').catch(() => '')));
  return all.filter((_, index) => texts[index]?.trim() !== '');
}
