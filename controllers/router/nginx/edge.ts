import { renameSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../loop/clock.ts';
import type { Log } from '../../loop/log.ts';
import type { EdgeSettings, Rejection, RoutingTable } from '../routing-table.ts';
import { makeFolders, prune, readWhole, sync, writeUnsynced, writeWhole } from './files.ts';
import { type RunFolder, runFolder } from './http-block.ts';
import { type Program, type TestResult, testConfiguration } from './program.ts';
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
  /** Every answer ends its connection, from the next tenth of a second on. @throws what the file system says. */
  readonly endConnections: () => void;
}

export interface Applied {
  readonly rejections: readonly Rejection[];
  readonly routes: number;
  readonly generation: string;
  /** false: the same bytes were served already. */
  readonly reloaded: boolean;
  /** How many objects are left out only because they have not been tested yet: applying the table again goes on. */
  readonly untested: number;
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
  /** For one search for the objects that nginx refuses; what is left is for the next one. */
  readonly searchMs: number;
  readonly supervisor?: SupervisorTiming;
}

/** nginx looks each tenth of a second whether connections are to end; a quarter more is for the requests that are told so. */
const defaultTiming: EdgeTiming = { closingMs: 350, reloadMs: 10_000, searchMs: 15_000 };

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
  await makeFolders(run);
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
  const closing = { forGood: false, since: null };
  const edge: Edge = { run, program, file, supervisor, clock, log, timing, closing };
  let served: Served = { text: await readWhole(file), files: new Set(), confirmedAfter: null };
  return {
    supervisor,
    endConnections: () => {
      edge.closing.forGood = true;
      endConnections(edge);
    },
    apply: async (table, signal) => {
      using _connections = { [Symbol.dispose]: () => keepConnections(edge) };
      const lateAt = clock.monotonicMs() + timing.searchMs;
      const { rendered, refused, untested } = await quarantine.renderSound(table, {
        render: (part) => render(part, settings, run),
        test: (candidate) => tryOut(edge, candidate, served.text),
        isLate: () => clock.monotonicMs() >= lateAt,
        log,
      });
      const { routes, generation, rejections } = rendered;
      const reloaded = rendered.text !== served.text;
      served = await bringToService(edge, rendered, served, signal);
      return { rejections: [...rejections, ...refused], routes, generation, reloaded, untested };
    },
  };
}

/** Serves what has passed its test, if it is not served already. */
async function bringToService(edge: Edge, rendered: Rendered, before: Served, signal: AbortSignal): Promise<Served> {
  const { supervisor, run } = edge;
  if (rendered.text === before.text) {
    if (before.confirmedAfter !== supervisor.deaths()) await confirm(edge, rendered.generation, signal);
    return { ...before, confirmedAfter: supervisor.deaths() };
  }
  await takeOver(edge, rendered, before.text, signal);
  const files = new Set(rendered.files.keys());
  await prune(run.folder, fileKinds, new Set([...before.files, ...files]));
  return { text: rendered.text, files, confirmedAfter: supervisor.deaths() };
}

/** What nginx was told last. */
interface Served {
  readonly text: string | null;
  readonly files: ReadonlySet<string>;
  /** How often nginx had died when it was last seen to serve this; null: never yet. */
  readonly confirmedAfter: number | null;
}

interface Edge {
  readonly run: RunFolder;
  readonly program: Program;
  readonly file: string;
  readonly supervisor: Supervisor;
  readonly clock: Clock;
  readonly log: Log;
  readonly timing: EdgeTiming;
  /** Once nginx is about to quit, connections end after every answer. */
  readonly closing: {
    forGood: boolean;
    /** Since when they do, monotonic milliseconds; null: they do not. */
    since: number | null;
  };
}

/** Whether there is a configuration from before, and nginx still takes it. One whose test is cut has passed one before. */
async function isGood(program: Program, file: string): Promise<boolean> {
  const text = await readWhole(file);
  if (text === null) return false;
  const result = await testConfiguration(program, file, text.length);
  return result.ok || result.cut;
}

const nextOf = (file: string) => `${file}.next`;

/**
 * Writes a configuration beside the one that is served, and has nginx read it.
 * @throws when nginx was not through in time: that is nobody's fault, and no object is to be left out for it.
 */
async function tryOut(edge: Edge, rendered: Rendered, served: string | null): Promise<boolean> {
  const { program, file, log } = edge;
  if (rendered.text === served) return true;
  // Meanwhile: nearly every test is passed, and connections have ended for long enough then.
  endConnections(edge);
  const result = await testBeside(program, rendered, file);
  if (result.ok) return true;
  keepConnections(edge);
  if (result.cut) throw new Error(`the test of the configuration was ${result.output}`);
  log('error', 'configurationRefused', { output: result.output });
  return false;
}

/** From now on answers end their connections. Both take one call, so that none gets in between the other's. */
function endConnections({ run, clock, closing }: Edge): void {
  if (closing.since !== null) return;
  renameSync(run.open, run.closing);
  closing.since = clock.monotonicMs();
}

function keepConnections({ run, closing }: Edge): void {
  if (closing.forGood || closing.since === null) return;
  renameSync(run.closing, run.open);
  closing.since = null;
}

/** On the disk when this resolves; nginx reads it while the disk is waited for. */
async function testBeside(program: Program, rendered: Rendered, file: string): Promise<TestResult> {
  for (const [name, content] of rendered.files) {
    const target = path.join(program.run.folder, name);
    if ((await readWhole(target)) !== content) await writeWhole(target, content);
  }
  await writeUnsynced(nextOf(file), rendered.text);
  const [result] = await Promise.all([
    testConfiguration(program, nextOf(file), rendered.text.length),
    sync(nextOf(file)),
  ]);
  return result;
}

/** @throws when nginx refuses it. */
async function putInPlace(program: Program, rendered: Rendered, file: string): Promise<void> {
  const result = await testBeside(program, rendered, file);
  if (!result.ok) throw new Error(`nginx cannot serve a configuration without routes: ${result.output}`);
  await rename(nextOf(file), file);
  await sync(path.dirname(file));
}

/**
 * From the file beside to the one that is served. Clients leave their connections before the workers that hold them
 * close them: a request that met the closing would be lost.
 */
async function takeOver(edge: Edge, rendered: Rendered, before: string | null, signal: AbortSignal): Promise<void> {
  const { program, file, supervisor, clock, timing, closing } = edge;
  if (!(await awaitAnswer(program, { clock, withinMs: timing.reloadMs, signal })))
    throw new Error(`nginx does not answer within ${timing.reloadMs} ms`);
  endConnections(edge);
  const endingMs = clock.monotonicMs() - (closing.since ?? 0);
  if (endingMs < timing.closingMs) await clock.sleep(timing.closingMs - endingMs, signal);
  await rename(nextOf(file), file);
  const workers = await supervisor.workers();
  supervisor.reload();
  // Both files have passed the test: whichever of them a machine that stops now finds again can be served.
  await Promise.all([confirm(edge, rendered.generation, signal, workers), sync(path.dirname(file))]).catch(
    async (error: unknown) => {
      await goBack(edge, before);
      throw error;
    },
  );
}

/** @throws when nginx serves something else, or nothing: it has only just been started, or does not stay up. */
async function confirm(
  { program, clock, timing }: Edge,
  generation: string,
  signal: AbortSignal,
  before: readonly number[] = [],
): Promise<void> {
  const { reloadMs: withinMs } = timing;
  if (await awaitGeneration(program, generation, { clock, withinMs, signal, before })) return;
  throw new Error(`nginx does not serve generation ${generation} after ${withinMs} ms`);
}

/** What is served must be what a cold start finds. */
async function goBack({ file }: Edge, before: string | null): Promise<void> {
  if (before !== null) await writeWhole(file, before);
}
