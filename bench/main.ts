import { join } from 'node:path';
import { benchCatalog, type CatalogBenchOptions } from './catalog.ts';
import { benchCluster } from './cluster.ts';
import { benchGatekeeper, type GatekeeperLoad } from './gatekeeper.ts';
import { lineOf } from './measure.ts';
import { benchRender } from './render.ts';
import { benchRouter } from './router.ts';

type Print = (line: string) => void;

/** A bench: prints what it finds, and gives back whether every goal was met. */
type Bench = (words: readonly string[], print: Print) => Promise<boolean>;

const root = join(__dirname, '..');

const gatekeeperWords = (load: GatekeeperLoad) =>
  `  ${load.name}: ${Math.round(load.checksPerSecond)} checks/s, ${Math.round(load.checksPerCoreSecond)} for each core, p99 ${load.p99Ms.toFixed(2)} ms, ${load.errors} errors`;

/** `--services=100 --changes=20` */
function catalogSizes(words: readonly string[]): Partial<CatalogBenchOptions> {
  const number = (name: string) => words.map((word) => word.split('=')).find(([key]) => key === `--${name}`)?.[1];
  const [services, changes] = [number('services'), number('changes')];
  return {
    ...(services === undefined ? {} : { services: Number(services) }),
    ...(changes === undefined ? {} : { changes: Number(changes) }),
  };
}

/** Every bench by its name. A new one is one more row. */
const benches: Readonly<Record<string, Bench>> = {
  render: (_words, print) => benchRender({ root, print }),
  gatekeeper: async (_words, print) => {
    const loads = await benchGatekeeper({ root });
    for (const load of loads) print(gatekeeperWords(load));
    return loads.every((load) => load.errors === 0);
  },
  catalog: async (words, print) => {
    const rows = await benchCatalog({ root, ...catalogSizes(words) });
    for (const row of rows) print(lineOf(row));
    return rows.every((row) => row.found <= row.atMost);
  },
  cluster: async (words, print) => {
    const rows = await benchCluster({ root, cold: words.includes('--cold') });
    for (const row of rows) print(lineOf(row));
    return rows.every((row) => row.found <= row.atMost);
  },
  router: benchRouter,
};

/** `npm run bench` runs all, `npm run bench -- cluster --cold` one of them with its words. Exit code 1: a goal missed. */
async function main([name, ...words]: readonly string[]): Promise<void> {
  for (const each of name === undefined ? Object.keys(benches) : [name]) {
    const bench = benches[each];
    if (!bench) throw new Error(`no bench ${each}; there are: ${Object.keys(benches).join(', ')}`);
    console.log(each);
    if (!(await bench(words, console.log))) process.exitCode = 1;
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 3;
});
