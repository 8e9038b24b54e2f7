import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalogue } from '../../../local/images/catalogue.ts';
import { nonRoot } from '../../../local/images/definition.ts';
import { bundleControllers } from '../../../scripts/bundle.ts';

const root = resolve(__dirname, '../../..');
const name = 'gatekeeper';

interface Instruction {
  readonly name: string;
  readonly words: readonly string[];
}

function instructionsOf(): readonly Instruction[] {
  const text = readFileSync(join(root, 'controllers', name, 'Dockerfile'), 'utf8');
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [word = '', ...words] = line.trim().split(/ +/);
      return { name: word, words };
    });
}

/** The instructions of each stage; the last one's are what the image is. */
function stagesOf(): readonly (readonly Instruction[])[] {
  const stages: Instruction[][] = [];
  for (const instruction of instructionsOf()) {
    if (instruction.name === 'FROM') stages.push([]);
    stages.at(-1)?.push(instruction);
  }
  return stages;
}

const argument = (instruction: Instruction | undefined): unknown => JSON.parse(instruction?.words.join(' ') ?? 'null');

/** A program without the comments that name the folders it was made of. */
function program(file: string): string {
  return readFileSync(file, 'utf8').replaceAll(/^ *\/\/ .*$/gm, '');
}

/** No Docker engine is needed: what a build would read, run and keep is looked at and done here. */
describe('controllers/gatekeeper/Dockerfile', () => {
  const stages = stagesOf();
  const [build = [], image = []] = [stages[0], stages.at(-1)];
  const copies = (stage: readonly Instruction[]) => stage.filter((instruction) => instruction.name === 'COPY');
  const fromTree = copies(build).flatMap(({ words }) =>
    words.slice(0, -1).map((source) => ({ source, to: words.at(-1)! })),
  );
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'dockerfile-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('its instructions are known ones, in two stages', () => {
    const known = ['FROM', 'WORKDIR', 'COPY', 'RUN', 'USER', 'EXPOSE', 'ENTRYPOINT'];
    expect(instructionsOf().filter((instruction) => !known.includes(instruction.name))).toEqual([]);
    expect(stages).toHaveLength(2);
  });

  test('everything it copies from the checkout is there, and git knows it', () => {
    const tracked = execFileSync('git', ['ls-files', ...fromTree.map(({ source }) => source)], {
      cwd: root,
      encoding: 'utf8',
    });
    for (const { source } of fromTree) {
      expect({ source, exists: existsSync(join(root, source)) }).toEqual({ source, exists: true });
      expect(tracked).toContain(source);
    }
  });

  test('with what it copies and nothing else its build makes the program that the embedded builder takes', async () => {
    for (const { source, to } of fromTree)
      cpSync(join(root, source), join(folder, to.endsWith('/') ? join(to, source.split('/').at(-1)!) : to), {
        recursive: true,
      });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const [install, ...runs] = build
      .filter((instruction) => instruction.name === 'RUN')
      .map(({ words }) => words.join(' '));
    expect(install).toBe('npm ci --ignore-scripts');
    for (const command of runs) execFileSync('sh', ['-c', command], { cwd: folder, stdio: 'ignore' });
    const files = await bundleControllers(root, join(folder, 'embedded'));
    const embedded = files.find((file) => file.endsWith(`/${name}.cjs`))!;
    const [kept] = copies(image);
    const [stage, from = '', to = ''] = kept?.words ?? [];
    const built = join(folder, from.replace(/^\/src\//, ''));
    expect([stage, to]).toEqual(['--from=build', `/app/${name}.cjs`]);
    expect(program(built)).toBe(program(embedded));
  });

  test('the image starts the same program by the same entry point as that of the embedded builder, as nobody', () => {
    const { entrypoint } = catalogue[name];
    const entry = image.find((instruction) => instruction.name === 'ENTRYPOINT');
    const bare = (words: readonly string[]) =>
      words.map((word, index) => (index === 0 ? word.split('/').at(-1) : word));
    expect(bare(argument(entry) as readonly string[])).toEqual(bare(entrypoint));
    expect(image.find((instruction) => instruction.name === 'USER')?.words).toEqual([nonRoot]);
    const source = readFileSync(join(root, 'scripts/bundle.ts'), 'utf8');
    const target = Number(/target: 'node(\d+)'/.exec(source)?.[1]);
    for (const stage of stages)
      expect(Number(/^node:(\d+)-slim$/.exec(stage[0]?.words[0] ?? '')?.[1])).toBeGreaterThanOrEqual(target);
    expect(dirname(copies(image)[0]?.words.at(-1) ?? '')).toBe('/app');
  });
});
