import type { ParsedApp } from '../definition.ts';
import { listOf } from '../expected.ts';
import type { Finding } from '../finding.ts';
import type { Path } from '../path.ts';
import { show, showName } from '../shown.ts';
import { type Rule, unless } from './rule.ts';

type Container = Pick<ParsedApp, 'env' | 'mounts' | 'resources'>;

/** Containers of one pod: their names, mounts, environment and files. */
export const containerRules: readonly Rule<ParsedApp>[] = [
  { reads: ['name', 'initContainers', 'sidecars'], check: containerNames },
  { reads: ['mounts', 'volumes', 'initContainers', 'sidecars', 'files'], check: mounts },
  { reads: ['env', 'initContainers', 'sidecars'], check: secretsInEnv },
  { reads: ['files'], check: files },
  { reads: ['resources', 'initContainers', 'sidecars'], check: cpuLimits },
];

/** The main container has the name of the app. */
function containerNames(app: ParsedApp): readonly Finding[] {
  const others = extraContainers(app).map(({ container, path }) => ({ name: container.name, path: [...path, 'name'] }));
  return others.flatMap(({ name, path }, index) => {
    const earlier = [app.name, ...others.slice(0, index).map((other) => other.name)];
    return unless(!earlier.includes(name), 'container-name-twice', path, {
      found: `${showName(name)}, which ${name === app.name ? 'the app itself' : 'another container'} has`,
      expected: 'each container name once in a pod',
      fix: 'Rename it.',
    });
  });
}

function mounts(app: ParsedApp): readonly Finding[] {
  const names = Object.keys(app.volumes ?? {});
  return containers(app).flatMap(({ container, path }) =>
    Object.entries(container.mounts ?? {}).flatMap(([place, volume]) => [
      ...unless(names.includes(volume), 'unknown-volume', [...path, 'mounts', place], {
        found: showName(volume),
        expected: names.length === 0 ? 'a volume of this app; it has none' : `one of its volumes: ${listOf(names)}`,
        fix: 'Add the volume under volumes, or name one that is there.',
      }),
      ...unless(!Object.hasOwn(app.files ?? {}, place), 'mount-twice', [...path, 'mounts', place], {
        found: 'a path that is one of files too',
        expected: 'one thing at each path',
        fix: 'Mount it elsewhere.',
      }),
    ]),
  );
}

/** Words that tell a secret by the name of its variable; `_FILE`, `_NAME` and the like only point to one. */
const secretName =
  /(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|PRIVATE_KEY|SECRET_KEY|ACCESS_KEY|CREDENTIALS?)$/i;

function secretsInEnv(app: ParsedApp): readonly Finding[] {
  return containers(app).flatMap(({ container, path }) =>
    Object.entries(container.env ?? {}).flatMap(([name, value]) => {
      if (typeof value !== 'string' || value === '') return [];
      if (!secretName.test(name)) return [];
      return unless(false, 'secret-in-env', [...path, 'env', name], {
        found: `a literal ${show(value, ['env']).replace(/^a /, '')}`,
        expected: 'a secret to come from a Secret',
        fix: `Write ${name}: { secret: { name, key } }.`,
      });
    }),
  );
}

/** A ConfigMap holds at most 1 MiB. */
const maxFileBytes = 1_000_000;

function files({ files: written }: ParsedApp): readonly Finding[] {
  if (written === undefined) return [];
  const contents = Object.entries(written).flatMap(([path, file]) =>
    'content' in file ? [{ path, content: file.content }] : [],
  );
  const size = contents.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
  return [
    ...contents.flatMap(({ path, content }) =>
      unless(!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(content), 'secret-in-file', ['files', path, 'content'], {
        found: 'a private key',
        expected: 'a secret to come from a Secret',
        fix: 'Write { secret: { name, key } } for this file.',
      }),
    ),
    ...unless(size <= maxFileBytes, 'files-too-large', ['files'], {
      found: `${size} bytes in all`,
      expected: `at most ${maxFileBytes} bytes: they share one ConfigMap`,
      fix: 'Put large files into the image or a volume.',
    }),
  ];
}

function cpuLimits(app: ParsedApp): readonly Finding[] {
  return containers(app).flatMap(({ container: { resources }, path }) => {
    const { cpu, cpuLimit } = resources ?? {};
    if (cpu === undefined || cpuLimit === undefined || cpuLimit === 'none') return [];
    return unless(cores(cpu) <= cores(cpuLimit), 'cpu-limit', [...path, 'resources', 'cpuLimit'], {
      found: `a limit of ${cpuLimit} below the request of ${cpu}`,
      expected: 'a limit that is not below the request',
      fix: 'Raise cpuLimit or lower cpu.',
    });
  });
}

function cores(quantity: string): number {
  return quantity.endsWith('m') ? Number(quantity.slice(0, -1)) / 1000 : Number(quantity);
}

function containers(app: ParsedApp): readonly { readonly container: Container; readonly path: Path }[] {
  return [{ container: app, path: [] }, ...extraContainers(app)];
}

function extraContainers({ initContainers, sidecars }: ParsedApp) {
  return [
    ...(initContainers ?? []).map((container, index) => ({ container, path: ['initContainers', index] as Path })),
    ...(sidecars ?? []).map((container, index) => ({ container, path: ['sidecars', index] as Path })),
  ];
}
