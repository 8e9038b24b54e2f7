import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../loop/clock.ts';
import type { Log } from '../../loop/log.ts';
import type { EdgeSettings, Rejection, RoutingTable } from '../routing-table.ts';
import { makeFolders, prune, readWhole, syncFolder, writeSynced, writeWhole } from './files.ts';
import { type RunFolder, runFolder } from './http-block.ts';
import { type Program, testConfiguration } from './program.ts';
import { createQuarantine } from './quarantine.ts';
import { type Rendered, render } from './render.ts';
import { awaitAnswer, awaitGeneration, type Supervisor, type SupervisorTiming, superviseNginx } from './supervisor.ts';

/** nginx and the configuration it serves. */
export interface NginxEdge {
  /**
   * Serves a table: what cannot be is left out and told, what is served already is left alone.
   * @throws when the table could not be served; what was served before still is. Calling again is the way out.
   */
  readonly apply: (table: RoutingTable, signal: AbortSignal) => Promise<Applied>;
  readonly supervisor: Supervisor;
  /** From now on every answer ends its connection. */
  readonly endConnections: () => Promise<void>;
}

export interface Applied {
  readonly rejections: readonly Rejection[];
  readonly routes: number;
  readonly generation: string;
  /** false: the same bytes were served already. */
  readonly reloaded: boolean;
}

export interface NginxEdgeOptions {
  readonly settings: EdgeSettings;
  /** Absolute; survives a restart of the container, so that the last good configuration serves until the cluster is read. */
  readonly folder: string;
  /** @default /usr/sbin/nginx, Debian's */
  readonly binary?: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly timing?: Partial<EdgeTiming>;
}

/** Milliseconds. */
export interface EdgeTiming {
  /** So long before a reload, and until it is over, answers end their connections: none closes under a request. */
  readonly closingMs: number;
  /** For nginx to serve a new configuration. */
  readonly reloadMs: number;
  readonly supervisor?: SupervisorTiming;
}

const defaultTiming: EdgeTiming = { closingMs: 250, reloadMs: 10_000 };

const noRoutes: RoutingTable = { routes: [], certificates: [], defaultCertificate: null, keys: new Map() };

/** Files that configurations refer to begin with these words. */
const fileKinds = ['certificate', 'users'];

/**
 * Starts nginx with the last good configuration, or one without routes.
 * @throws when nginx is not there or refuses even that, or the folder cannot be written.
 */
export async function startNginxEdge(options: NginxEdgeOptions): Promise<NginxEdge> {
  const { settings, folder, clock, log, binary = '/usr/sbin/nginx' } = options;
  const timing = { ...defaultTiming, ...options.timing };
  const run = runFolder(folder);
  const program: Program = { binary, run };
  const file = path.join(folder, 'nginx.conf');
  await makeFolders(folder);
  await rm(run.closing, { force: true });
  if (await isGood(program, file)) log('info', 'lastGood', { file });
  else await putInPlace(program, render(noRoutes, settings, run), file);
  const supervisor = superviseNginx({
    program,
    file,
    clock,
    log,
    ...(timing.supervisor && { timing: timing.supervisor }),
  });
  const quarantine = createQuarantine();
  const closing = { forGood: false };
  const edge = { settings, run, program, file, supervisor, clock, log, timing, closing };
  let served: Served = { text: await readWhole(file), files: new Set(), confirmedAfter: null };
  return {
    supervisor,
    endConnections: () => {
      closing.forGood = true;
      return writeFile(run.closing, '');
    },
    apply: async (table, signal) => {
      const { rendered, refused } = await quarantine.renderSound(table, {
        render: (part) => render(part, settings, run),
        test: (candidate) => tryOut(edge, candidate, served.text),
        log,
      });
      const { routes, generation } = rendered;
      const applied = { rejections: [...rendered.rejections, ...refused], routes, generation };
      if (rendered.text === served.text) {
        if (served.confirmedAfter !== supervisor.deaths()) await confirm(edge, generation, signal);
        served = { ...served, confirmedAfter: supervisor.deaths() };
        return { ...applied, reloaded: false };
      }
      await takeOver(edge, rendered, served.text, signal);
      const keep = new Set([...served.files, ...rendered.files.keys()]);
      served = { text: rendered.text, files: new Set(rendered.files.keys()), confirmedAfter: supervisor.deaths() };
      await prune(folder, fileKinds, keep);
      return { ...applied, reloaded: true };
    },
  };
}

/** What nginx was told last. */
interface Served {
  readonly text: string | null;
  readonly files: ReadonlySet<string>;
  /** How often nginx had died when it was last seen to serve this; null: never yet. */
  readonly confirmedAfter: number | null;
}

interface Edge {
  readonly settings: EdgeSettings;
  readonly run: RunFolder;
  readonly program: Program;
  readonly file: string;
  readonly supervisor: Supervisor;
  readonly clock: Clock;
  readonly log: Log;
  readonly timing: EdgeTiming;
  /** Once nginx is about to quit, connections end after every answer. */
  readonly closing: { readonly forGood: boolean };
}

/** Whether there is a configuration from before, and nginx still takes it. */
async function isGood(program: Program, file: string): Promise<boolean> {
  return (await readWhole(file)) !== null && (await testConfiguration(program, file)).ok;
}

const nextOf = (file: string) => `${file}.next`;

/** Writes a configuration beside the one that is served, and has nginx read it. */
async function tryOut(
  { program, file, log }: Pick<Edge, 'program' | 'file' | 'log'>,
  rendered: Rendered,
  served: string | null,
) {
  if (rendered.text === served) return true;
  await writeBeside(program, rendered, file);
  const result = await testConfiguration(program, nextOf(file));
  if (!result.ok) log('error', 'configurationRefused', { output: result.output });
  return result.ok;
}

async function writeBeside({ run }: Program, rendered: Rendered, file: string): Promise<void> {
  for (const [name, content] of rendered.files) {
    const target = path.join(run.folder, name);
    if ((await readWhole(target)) !== content) await writeWhole(target, content);
  }
  await writeSynced(nextOf(file), rendered.text);
}

/** @throws when nginx refuses it. */
async function putInPlace(program: Program, rendered: Rendered, file: string): Promise<void> {
  await writeBeside(program, rendered, file);
  const result = await testConfiguration(program, nextOf(file));
  if (!result.ok) throw new Error(`nginx cannot serve a configuration without routes: ${result.output}`);
  await rename(nextOf(file), file);
  await syncFolder(path.dirname(file));
}

/**
 * From the file beside to the one that is served. Clients leave their connections before the workers that hold them
 * close them: a request that met the closing would be lost.
 */
async function takeOver(edge: Edge, rendered: Rendered, before: string | null, signal: AbortSignal): Promise<void> {
  const { program, file, run, supervisor, clock, timing } = edge;
  if (!(await awaitAnswer(program, { clock, withinMs: timing.reloadMs, signal })))
    throw new Error(`nginx does not answer within ${timing.reloadMs} ms`);
  await writeFile(run.closing, '');
  try {
    await clock.sleep(timing.closingMs, signal);
    await rename(nextOf(file), file);
    await syncFolder(path.dirname(file));
    supervisor.reload();
    await confirm(edge, rendered.generation, signal).catch(async (error: unknown) => {
      await goBack(edge, before);
      throw error;
    });
  } finally {
    if (!edge.closing.forGood) await rm(run.closing, { force: true });
  }
}

/** @throws when nginx serves something else, or nothing: it has only just been started, or does not stay up. */
async function confirm({ program, clock, timing }: Edge, generation: string, signal: AbortSignal): Promise<void> {
  const { reloadMs: withinMs } = timing;
  if (await awaitGeneration(program, generation, { clock, withinMs, signal })) return;
  throw new Error(`nginx does not serve generation ${generation} after ${withinMs} ms`);
}

/** What is served must be what a cold start finds. */
async function goBack({ file }: Edge, before: string | null): Promise<void> {
  if (before !== null) await writeWhole(file, before);
}
