import { join } from 'node:path';
import { lineOf, type Measurement } from './measure.ts';
import { benchMemory } from './router-memory.ts';
import { benchReady } from './router-ready.ts';
import { benchReloads } from './router-reloads.ts';
import { benchRendering } from './router-rendering.ts';
import { benchThroughput } from './router-throughput.ts';

const parts: Readonly<Record<string, () => Promise<readonly Measurement[]>>> = {
  rendering: benchRendering,
  throughput: benchThroughput,
  reloads: benchReloads,
  ready: benchReady,
  memory: () => benchMemory(join(__dirname, '..')),
};

/**
 * The numbers the router is held to, on a real nginx and a real API server on loopback.
 * @param words names of parts. @default all of them
 * @returns whether every goal was met.
 */
export async function benchRouter(words: readonly string[], print: (line: string) => void): Promise<boolean> {
  const met: boolean[] = [];
  for (const name of words.length === 0 ? Object.keys(parts) : words) {
    const part = parts[name];
    if (!part) throw new Error(`the router's bench has no part ${name}; there are: ${Object.keys(parts).join(', ')}`);
    for (const row of await part()) {
      print(lineOf(row));
      met.push(row.found <= row.atMost);
    }
  }
  return met.every((each) => each);
}
