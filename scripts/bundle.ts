import path from 'node:path';
import { build } from 'esbuild';

/** The programs that run in a cluster, by the name of their image, and the file each starts at. */
const controllers: Readonly<Record<string, string>> = {
  catalog: 'controllers/catalog/main.ts',
  gatekeeper: 'controllers/gatekeeper/main.ts',
  router: 'controllers/router/main.ts',
};

/**
 * Writes each controller as one file that needs Node alone: `<name>.cjs`. The same sources give the same bytes, so an
 * image is rebuilt only when its program changed.
 * @param folder where to; images take it from the default. @default <root>/build/controllers
 * @returns the files written.
 */
export async function bundleControllers(
  root: string,
  folder = path.join(root, 'build', 'controllers'),
): Promise<readonly string[]> {
  const bundles = Object.entries(controllers).map(async ([name, entry]) => {
    const outfile = path.join(folder, `${name}.cjs`);
    await build({
      absWorkingDir: root,
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      legalComments: 'none',
      logLevel: 'warning',
    });
    return outfile;
  });
  return Promise.all(bundles);
}

if (require.main === module) {
  bundleControllers(path.resolve(__dirname, '..')).then(
    (files) => process.stderr.write(`${files.join('\n')}\n`),
    () => {
      process.exitCode = 1;
    },
  );
}
