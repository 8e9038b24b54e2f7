import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the program and the policy pack are made of. */
const parts = ['index.ts', 'Pulumi.yaml', 'tsconfig.json', 'tsconfig.pulumi.json', 'components', 'stacks', 'policies'];
/** Its plugin is not asked for: the CLI would fetch it, because the package is there, although nothing here uses it. */
const leftOut = 'gcp';

/**
 * Puts a copy of the project into an empty folder, so that stack configuration and passphrase salts of the test never
 * reach the checkout. Packages are links to those of the checkout.
 */
export function stageProject(checkout: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const part of parts) cpSync(join(checkout, part), join(folder, part), { recursive: true });
  const manifest = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const dependencies = Object.fromEntries(
    Object.entries(manifest.dependencies).filter(([name]) => name !== `@pulumi/${leftOut}`),
  );
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, dependencies }, null, 2));
  linkPackages(join(checkout, 'node_modules'), join(folder, 'node_modules'));
}

function linkPackages(from: string, to: string): void {
  mkdirSync(join(to, '@pulumi'), { recursive: true });
  for (const name of readdirSync(from)) {
    if (!name.startsWith('.') && name !== '@pulumi') symlinkSync(join(from, name), join(to, name));
  }
  for (const name of readdirSync(join(from, '@pulumi'))) {
    if (name !== leftOut) symlinkSync(join(from, '@pulumi', name), join(to, '@pulumi', name));
  }
}
