import { open, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import type { Log } from '../loop/log.ts';
import { digest, maxSecretBytes, readCredential } from './credential.ts';
import {
  composeSnapshot,
  type Deadlines,
  holdsInstant,
  type KeyFile,
  type KeyStanding,
  type ScanTime,
  type Snapshot,
  standings,
} from './snapshot.ts';

/** The mounted Secrets, read again and again. */
export interface SecretStore {
  /** What the last scan found; empty when the folder could not be read. */
  readonly snapshot: () => Snapshot;
  /** Whether the last scan could read the folder. */
  readonly readable: () => boolean;
  /** Scans now, beside the regular scans. */
  readonly rescan: () => Promise<void>;
  /** Ends the regular scans. */
  readonly stop: () => void;
}

export interface SecretStoreOptions {
  /** Holds a folder for each Secret, as kubelet mounts it: `<secret>/<key>`. */
  readonly dir: string;
  /** How long a previous secret is accepted after its file was written, milliseconds. */
  readonly previousWindowMs: number;
  /** Time between two scans, milliseconds; a scan reads a few small files in memory. */
  readonly pollMs: number;
  readonly now: () => ScanTime;
  readonly log: Log;
}

/** Reads the Secrets once, and then again every `pollMs`. A value that was taken away is forgotten at once. */
export async function openSecrets(options: SecretStoreOptions): Promise<SecretStore> {
  let [snapshot, deadlines]: [Snapshot, Deadlines] = [new Map(), new Map()];
  let [readable, stopped] = [true, false];
  let told: ReadonlyMap<string, KeyReport> = new Map();
  const rescan = async () => {
    const files = await readSecrets(options.dir);
    const time = options.now();
    ({ snapshot, deadlines } = composeSnapshot(files ?? [], deadlines, time, options.previousWindowMs));
    if (readable && files === null) options.log('error', 'secretsUnreadable', { dir: options.dir });
    if (!readable && files !== null) options.log('info', 'secretsReadable', { dir: options.dir });
    readable = files !== null;
    const reports = reportKeys(snapshot, time.monotonicMs);
    logChanges(told, reports, options.log);
    told = reports;
  };
  const schedule = () => {
    setTimeout(() => rescan().then(() => (stopped ? undefined : schedule())), options.pollMs).unref();
  };
  await rescan();
  schedule();
  return {
    snapshot: () => snapshot,
    readable: () => readable,
    rescan,
    stop: () => {
      stopped = true;
    },
  };
}

/** How a key stood at the last scan, and a mark that changes with its value; the mark is never written anywhere. */
interface KeyReport {
  readonly standing: KeyStanding;
  readonly mark: string;
}

function reportKeys(snapshot: Snapshot, nowMs: number): ReadonlyMap<string, KeyReport> {
  const mark = (name: string) => {
    const current = snapshot.get(name)?.current;
    return current?.usable ? current.apiKey.toString('hex') : '';
  };
  return new Map([...standings(snapshot, nowMs)].map(([name, standing]) => [name, { standing, mark: mark(name) }]));
}

function logChanges(before: ReadonlyMap<string, KeyReport>, after: ReadonlyMap<string, KeyReport>, log: Log): void {
  for (const [name, { standing, mark }] of after) {
    const old = before.get(name);
    if (old?.standing === standing && old.mark === mark) continue;
    log(standing === 'usable' || standing === 'rotating' ? 'info' : 'error', 'key', { key: name, state: standing });
  }
  for (const name of before.keys()) {
    if (!after.has(name)) log('error', 'key', { key: name, state: 'missing' });
  }
}

async function readSecrets(dir: string): Promise<readonly KeyFile[] | null> {
  const names = await readdir(dir).catch(() => null);
  if (names === null) return null;
  const folders = names.filter((name) => !name.startsWith('.')).toSorted();
  return (await Promise.all(folders.map((secret) => readFolder(path.join(dir, secret), secret)))).flat();
}

/** A folder may be replaced while it is read; then it is read again. */
const attempts = 3;

/** Kubelet fills a new folder and swaps the link `..data` to it: all files are read from where it points. */
async function readFolder(folder: string, secret: string): Promise<readonly KeyFile[]> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const version = await readlink(path.join(folder, '..data')).catch(() => '.');
    const files = await readVersion(path.resolve(folder, version), secret);
    if (files !== null) return files;
  }
  return [];
}

/** null when a file was gone before it could be read. */
async function readVersion(folder: string, secret: string): Promise<readonly KeyFile[] | null> {
  try {
    const names = (await readdir(folder)).filter((name) => !name.startsWith('..')).toSorted();
    const files = await Promise.all(names.map((name) => readKeyFile(path.join(folder, name), secret, name)));
    return files.filter((file) => file !== null);
  } catch {
    return null;
  }
}

/** null for a folder. @throws when the file is gone. */
async function readKeyFile(file: string, secret: string, name: string): Promise<KeyFile | null> {
  try {
    const handle = await open(file, 'r');
    try {
      const { mtimeMs } = await handle.stat();
      const buffer = Buffer.alloc(maxSecretBytes + 1);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
      return keyFile(secret, name, buffer.subarray(0, bytesRead), mtimeMs);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (hasCode(error, 'ENOENT')) throw error;
    if (hasCode(error, 'EISDIR')) return null;
    return { secret, name, credential: { usable: false, fault: 'unreadable' }, digest: '', text: null, changedMs: 0 };
  }
}

const shownInstant = 64;

/** Digests the bytes and wipes them. */
function keyFile(secret: string, name: string, bytes: Buffer, changedMs: number): KeyFile {
  const instant = holdsInstant(name);
  const file = {
    secret,
    name,
    credential: readCredential(bytes),
    digest: digest(bytes).toString('hex'),
    text: instant ? bytes.toString('latin1').slice(0, shownInstant) : null,
    changedMs,
  };
  bytes.fill(0);
  return file;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
