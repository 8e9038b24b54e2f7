/** So many at once, and then one each `refillMs`. */
export interface BucketTiming {
  readonly burst: number;
  readonly refillMs: number;
}

/** One bucket for each key, each refilled by itself. */
export interface Buckets {
  /** Whether one more is let through now. */
  readonly take: (key: string, nowMs: number) => boolean;
}

/** A key that was not asked about for longer than its bucket takes to fill is forgotten. */
export function createBuckets(timing: BucketTiming): Buckets {
  const buckets = new Map<string, { readonly level: number; readonly at: number }>();
  return {
    take(key, nowMs) {
      for (const [old, { at }] of buckets) {
        if (nowMs - at <= timing.burst * timing.refillMs) break;
        buckets.delete(old);
      }
      const { level, at } = buckets.get(key) ?? { level: timing.burst, at: nowMs };
      const filled = Math.min(timing.burst, level + (nowMs - at) / timing.refillMs);
      // Taken out first, so that the one asked about last is the last to be forgotten.
      buckets.delete(key);
      buckets.set(key, { level: filled >= 1 ? filled - 1 : filled, at: nowMs });
      return filled >= 1;
    },
  };
}
