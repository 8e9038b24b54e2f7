/** A Lease of `coordination.k8s.io/v1`, as far as it matters here; without a version it does not exist. */
export interface LeaseObject {
  readonly metadata?: { readonly resourceVersion?: string };
  readonly spec?: Partial<LeaseSpec>;
}

/** What a holder writes. */
export interface LeaseSpec {
  readonly holderIdentity: string;
  readonly leaseDurationSeconds: number;
  readonly acquireTime: string;
  readonly renewTime: string;
  readonly leaseTransitions: number;
}

/** What a lease says. */
export interface LeaseRecord {
  /** null when there is no lease yet. */
  readonly version: string | null;
  /** Empty when it was given back. */
  readonly holder: string;
  readonly durationMs: number | null;
  readonly transitions: number;
  readonly acquireTime: string | null;
}

/** A version of the lease, and when this process saw it first, monotonic milliseconds. */
export interface Observed {
  readonly version: string | null;
  readonly at: number;
}

export function recordOf({ metadata, spec = {} }: LeaseObject): LeaseRecord {
  return {
    version: metadata?.resourceVersion ?? null,
    holder: spec.holderIdentity ?? '',
    durationMs: spec.leaseDurationSeconds === undefined ? null : spec.leaseDurationSeconds * 1_000,
    transitions: spec.leaseTransitions ?? 0,
    acquireTime: spec.acquireTime ?? null,
  };
}

/** Whether a process may write itself into the lease: it is its own or nobody's, or its holder has long been silent. */
export function mayTake(
  record: LeaseRecord,
  identity: string,
  observed: Observed,
  nowMs: number,
  ownLeaseMs: number,
): boolean {
  if (record.holder === '' || record.holder === identity) return true;
  // Programs of two versions may be told different times: the longer one counts.
  return nowMs - observed.at >= Math.max(record.durationMs ?? 0, ownLeaseMs);
}

/** The lease as its new, or old, holder writes it. */
export function acquire(record: LeaseRecord, identity: string, now: string, leaseMs: number): LeaseSpec {
  const isNew = record.holder !== identity;
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.max(1, Math.ceil(leaseMs / 1_000)),
    acquireTime: isNew || record.acquireTime === null ? now : record.acquireTime,
    renewTime: now,
    leaseTransitions: record.version !== null && isNew ? record.transitions + 1 : record.transitions,
  };
}

/** The API's `MicroTime`: six digits after the point, no more and no fewer. */
export function microTime(wallMs: number): string {
  return new Date(wallMs).toISOString().replace('Z', '000Z');
}
