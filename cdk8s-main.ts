import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { App } from 'cdk8s';
import { configurationFile } from './cli/io.ts';
import { configuredEnvironment } from './cli/stack-configuration.ts';
import type { KubeObject } from './components/compile/output.ts';
import { toYaml } from './components/compile/to-yaml.ts';
import { environmentCharts } from './components/constructs/environment-charts.ts';
import { formatProblem } from './components/model/problem.ts';
import { stacks } from './stacks/stacks.ts';

/** The cdk8s entry: every environment as plain YAML, a folder an app, a file an object. */
async function main(outdir: string): Promise<void> {
  const app = new App({ outdir });
  const files = new Map<string, string>();
  for (const [name, load] of Object.entries(stacks)) {
    const stack = await load();
    const environment = await configuredEnvironment(stack, configurationFile);
    if (!environment.ok) throw new Error(environment.problems.map(formatProblem).join('\n'));
    for (const { folder, chart } of environmentCharts(app, environment.value, stack.apps)) {
      for (const object of chart.toJson())
        files.set(join(outdir, name, folder, fileName(folder, object)), toYaml([object]));
    }
  }
  for (const name of Object.keys(stacks)) rmSync(join(outdir, name), { recursive: true, force: true });
  for (const [path, text] of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

/** Only the platform spans namespaces, so only there the name of the file needs one. */
function fileName(folder: string, { kind, metadata }: KubeObject): string {
  const namespace = folder === 'platform' && metadata.namespace !== undefined ? `${metadata.namespace}.` : '';
  return `${namespace}${kind}.${metadata.name}.yaml`.toLowerCase();
}

main(process.env.CDK8S_OUTDIR ?? 'dist').catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
