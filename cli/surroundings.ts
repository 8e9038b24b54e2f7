import { dirname } from 'node:path';
import type { Surroundings } from '../local/life.ts';
import { createProgress } from '../local/progress.ts';
import { ExitError, exitCodes } from './exit-codes.ts';

/** The root of the checkout that this command belongs to. */
const projectRoot = dirname(__dirname);

/** What the local cluster's verbs get: this process's environment, standard error for words, and the interruption. */
export interface LocalSurroundings extends Surroundings {
  readonly say: (words: string) => void;
}

/**
 * Runs a verb of the local cluster. Ctrl-C, or a polite kill, stops all waiting; what was made stays for the next
 * call to go on with.
 * @throws ExitError with code 130 then.
 */
export async function withSurroundings<T>(work: (around: LocalSurroundings) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupted = new ExitError('interrupted; the next `edgeplane up` goes on from here', exitCodes.interrupted);
  const interrupt = () => controller.abort(interrupted);
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const write = (text: string) => void process.stderr.write(text);
  const columns = () => process.stderr.columns || 80;
  const progress = createProgress({ isTTY: process.stderr.isTTY === true, columns, write });
  try {
    const say = (words: string) => write(`${words}\n`);
    return await work({ env: process.env, projectRoot, progress, signal: controller.signal, say });
  } catch (error) {
    throw controller.signal.aborted ? interrupted : error;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
