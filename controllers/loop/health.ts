import { createServer, type Server } from 'node:http';

/** What the health port tells. */
export interface HealthOptions {
  /** null while the program can go on by itself, else why it must be restarted. @default always null */
  readonly unhealthy?: () => string | null;
  /** null when work may be sent here, else why not. */
  readonly unready: () => string | null;
  readonly metrics: () => string;
  /** Told the name of an error that kept a page from being made; the other pages go on. */
  readonly onFault: (name: string) => void;
}

/** Most bytes of a request head; more is a 431. */
const maxHeadBytes = 8192;

/** `/healthz`, `/readyz` and `/metrics`, on a port of their own: probes and scrapes work while the program drains. */
export function createHealthServer(options: HealthOptions): Server {
  const { unhealthy = () => null } = options;
  const pages: Readonly<Record<string, () => Page>> = {
    '/healthz': () => verdict(unhealthy()),
    '/readyz': () => verdict(options.unready()),
    '/metrics': () => ({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body: options.metrics() }),
  };
  const limits = { maxHeaderSize: maxHeadBytes, headersTimeout: 5_000, requestTimeout: 5_000 };
  return createServer(limits, (request, response) => {
    const url = request.url ?? '';
    const { status, type, body } = makePage(Object.hasOwn(pages, url) ? pages[url] : undefined, options.onFault);
    response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store', Connection: 'close' });
    response.end(body);
  });
}

interface Page {
  readonly status: 200 | 404 | 500 | 503;
  readonly type: string;
  readonly body: string;
}

const plain = 'text/plain; charset=utf-8';
const noPage: Page = { status: 404, type: plain, body: 'no such path\n' };

function makePage(make: (() => Page) | undefined, onFault: (name: string) => void): Page {
  try {
    return make?.() ?? noPage;
  } catch (error) {
    onFault(error instanceof Error ? error.name : typeof error);
    return { status: 500, type: plain, body: 'this page failed\n' };
  }
}

function verdict(why: string | null): Page {
  return why === null ? { status: 200, type: plain, body: 'ok\n' } : { status: 503, type: plain, body: `${why}\n` };
}
