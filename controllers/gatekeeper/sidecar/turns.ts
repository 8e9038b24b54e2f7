/** How many ask one auth service at the same time, and how many more wait for their turn. */
export interface Bounds {
  /** @default 256 */
  readonly asking?: number;
  /** @default 128 */
  readonly waiting?: number;
}

/**
 * Runs `work` when it is its turn at this auth service. `busy`: too many wait already, and the work was not begun.
 * `gone`: `signal` came before the turn did. Rejects only as `work` does.
 */
export type TakeTurn = <T>(
  service: string,
  signal: AbortSignal,
  work: () => Promise<T>,
) => Promise<T | 'busy' | 'gone'>;

interface Queue {
  asking: number;
  /** Oldest first; each begins one that waits. */
  readonly waiting: Set<() => void>;
}

/** Each auth service has turns of its own, so that a slow one fills its own queue and nobody else's. */
export function createTurns({ asking = 256, waiting = 128 }: Bounds = {}): TakeTurn {
  const queues = new Map<string, Queue>();
  const leave = (service: string, queue: Queue) => {
    const [next] = queue.waiting;
    if (next !== undefined) return next();
    queue.asking -= 1;
    if (queue.asking === 0) queues.delete(service);
  };
  return async (service, signal, work) => {
    const queue = queues.get(service) ?? { asking: 0, waiting: new Set() };
    queues.set(service, queue);
    if (queue.asking < asking) queue.asking += 1;
    else if (queue.waiting.size >= waiting) return 'busy';
    else if (!(await turn(queue, signal))) return 'gone';
    try {
      return await work();
    } finally {
      leave(service, queue);
    }
  };
}

/** Whether the turn came before the signal. */
function turn({ waiting }: Queue, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (came: boolean) => {
      waiting.delete(begin);
      signal.removeEventListener('abort', give);
      resolve(came);
    };
    const begin = () => settle(true);
    const give = () => settle(false);
    waiting.add(begin);
    if (signal.aborted) give();
    else signal.addEventListener('abort', give);
  });
}
