import { expect, test } from 'vitest';
import { settingFlags } from '../../../local/images/archive.ts';
import type { BuiltImage } from '../../../local/images/build.ts';
import { importImages, missingImages, parseListing } from '../../../local/images/import.ts';

const echo: BuiltImage = {
  name: 'echo',
  reference: 'edgeplane.local/echo:01',
  alias: 'edgeplane.local/echo:local',
  archive: '/cache/echo-01.tar',
};
const header = 'REF TYPE DIGEST SIZE PLATFORMS LABELS\n';
const row = (reference: string, digest: string) => `${reference}   type   ${digest} 2.5 MiB linux/amd64 -\n`;

test('an image is missing until the node has it under both names with one content', () => {
  const there = parseListing(header + row(echo.reference, 'sha256:a') + row(echo.alias, 'sha256:a'));
  const moved = parseListing(header + row(echo.reference, 'sha256:a') + row(echo.alias, 'sha256:b'));
  const half = parseListing(header + row(echo.reference, 'sha256:a'));
  expect(missingImages([echo], there)).toEqual([]);
  expect(missingImages([echo], moved)).toEqual([echo]);
  expect(missingImages([echo], half)).toEqual([echo]);
  expect(missingImages([echo], parseListing(header))).toEqual([echo]);
});

test('only the nodes that lack an image get it', async () => {
  const calls: string[] = [];
  const run = async (_program: string, args: readonly string[]) => {
    calls.push(args.join(' '));
    if (!args.includes('ls')) return '';
    return args.includes('/a.sock') ? header + row(echo.reference, 'x') + row(echo.alias, 'x') : header;
  };
  const nodes = [
    { name: 'a', socket: '/a.sock' },
    { name: 'b', socket: '/b.sock' },
  ];
  expect(await importImages([echo], nodes, run)).toEqual(['b: edgeplane.local/echo:01']);
  expect(calls.filter((call) => call.includes('import'))).toEqual([
    '--address /b.sock --namespace k8s.io images import --base-name edgeplane.local/echo /cache/echo-01.tar',
  ]);
});

test('an image runs as nobody unless its definition names a user', () => {
  expect(settingFlags({ entrypoint: ['/a'] }).join(' ')).toContain('--config.user 65532:65532');
  expect(settingFlags({ entrypoint: ['/a'], user: '0:0' }).join(' ')).toContain('--config.user 0:0');
});
