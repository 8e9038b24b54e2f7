import type { KubeObject, ObjectMeta } from './source.ts';

/** One line of a watch. */
export type WatchEvent =
  | { readonly type: 'kept'; readonly object: KubeObject }
  | { readonly type: 'deleted'; readonly object: KubeObject }
  | { readonly type: 'bookmark'; readonly resourceVersion: string }
  | { readonly type: 'error'; readonly gone: boolean; readonly code: number }
  /** An object that has no name or version, and so no place in the state. */
  | { readonly type: 'nameless' }
  /** Not a whole event: what it told is lost. */
  | { readonly type: 'badLine' };

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

const isWord = (value: unknown): value is string => typeof value === 'string' && value !== '';

const isTexts = (value: unknown) =>
  value === undefined ||
  value === null ||
  (typeof value === 'object' &&
    !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === 'string'));

/** The object, if it has what the state and the next watch need: name, version, and texts where texts belong. */
export function readObject(value: unknown): KubeObject | null {
  const metadata = fieldsOf(fieldsOf(value).metadata);
  const { name, namespace, resourceVersion, uid } = metadata as Partial<ObjectMeta>;
  const isWhole =
    isWord(name) &&
    isWord(resourceVersion) &&
    (namespace === undefined || isWord(namespace)) &&
    (uid === undefined || isWord(uid)) &&
    [metadata.labels, metadata.annotations].every(isTexts);
  return isWhole ? (value as KubeObject) : null;
}

/** Reads one line; no input makes it throw. */
export function readWatchEvent(line: string): WatchEvent {
  const { type, object } = parseLine(line);
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED': {
      const whole = readObject(object);
      if (whole === null) return { type: 'nameless' };
      return { type: type === 'DELETED' ? 'deleted' : 'kept', object: whole };
    }
    case 'BOOKMARK': {
      const { resourceVersion } = fieldsOf(fieldsOf(object).metadata);
      return isWord(resourceVersion) ? { type: 'bookmark', resourceVersion } : { type: 'badLine' };
    }
    case 'ERROR':
      return readStatus(fieldsOf(object));
    default:
      return { type: 'badLine' };
  }
}

function parseLine(line: string): Fields {
  try {
    return fieldsOf(JSON.parse(line));
  } catch {
    return {};
  }
}

/** A version that the server does not have, be it too old or not reached yet, is gone: only a list helps. */
function readStatus(status: Fields): WatchEvent {
  const code = typeof status.code === 'number' ? status.code : 0;
  const causes = fieldsOf(status.details).causes;
  const reasons = (Array.isArray(causes) ? causes : []).map((cause) => fieldsOf(cause).reason);
  return { type: 'error', gone: code === 410 || reasons.includes('ResourceVersionTooLarge'), code };
}

/**
 * Whether a version is not newer than another. The API defines the order of versions that are decimal numbers; of
 * any others nothing is known, and nothing is called old.
 */
export function isNotNewer(version: string, than: string): boolean {
  const areNumbers = [version, than].every((text) => /^[1-9][0-9]*$/.test(text));
  if (!areNumbers) return false;
  return version.length === than.length ? version <= than : version.length < than.length;
}
