import { type ApiClient, ApiError } from './api.ts';
import type { KubeObject, Source } from './source.ts';
import { collectionPath } from './source.ts';
import { readObject } from './watch-event.ts';

/** What a list is read into; `restart` forgets what was taken. */
export interface ListTaker {
  readonly take: (object: KubeObject) => void;
  /** An object without a name or a version. */
  readonly refuse: () => void;
  readonly restart: () => void;
}

/** How a source is listed. */
export interface ListOptions {
  readonly api: ApiClient;
  readonly source: Source<unknown>;
  readonly pageSize: number;
  readonly signal: AbortSignal;
}

interface Page {
  readonly items: readonly unknown[];
  readonly version: string;
  readonly next: string | null;
}

/** The selectors of a source, for a query. */
export function selectorsOf(source: Source<unknown>): Readonly<Record<string, string>> {
  return {
    ...(source.labelSelector === undefined ? {} : { labelSelector: source.labelSelector }),
    ...(source.fieldSelector === undefined ? {} : { fieldSelector: source.fieldSelector }),
  };
}

/**
 * Reads the whole list as it is now, page by page, and gives its version. When the server forgets the version of the
 * first page before the last one is read, it begins anew; the second time without pages.
 * @throws as the client does; when an answer is no list.
 */
export async function readList(options: ListOptions, taker: ListTaker): Promise<string> {
  for (const limit of [options.pageSize, options.pageSize, null]) {
    taker.restart();
    const version = await readPages(options, taker, limit);
    if (version !== null) return version;
  }
  throw new Error(`${collectionPath(options.source)}: found a list that never ends, expected one answer`);
}

/** null when a page is not to be had any more. */
async function readPages(options: ListOptions, taker: ListTaker, limit: number | null): Promise<string | null> {
  let next: string | null = null;
  for (;;) {
    const query = new URLSearchParams({
      ...selectorsOf(options.source),
      ...(limit === null ? {} : { limit: String(limit) }),
      ...(next === null ? {} : { continue: next }),
    });
    const path = `${collectionPath(options.source)}?${query}`;
    try {
      const page = readPage(path, await options.api.call({ method: 'GET', path, signal: options.signal }));
      for (const item of page.items) takeItem(item, taker);
      if (page.next === null) return page.version;
      next = page.next;
    } catch (error) {
      if (next !== null && error instanceof ApiError && error.status === 410) return null;
      throw error;
    }
  }
}

function takeItem(item: unknown, taker: ListTaker): void {
  const object = readObject(item);
  if (object === null) taker.refuse();
  else taker.take(object);
}

function readPage(path: string, body: unknown): Page {
  const { metadata, items } = (body ?? {}) as {
    readonly metadata?: { readonly resourceVersion?: unknown; readonly continue?: unknown };
    readonly items?: unknown;
  };
  const version = metadata?.resourceVersion;
  if (typeof version !== 'string' || version === '' || (items !== null && !Array.isArray(items))) {
    throw new Error(`GET ${path.split('?', 1)[0]}: found an answer that is no list, expected items and a version`);
  }
  const next = metadata?.continue;
  return { items: items ?? [], version, next: typeof next === 'string' && next !== '' ? next : null };
}
