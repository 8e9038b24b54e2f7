/** A signal that fires with its parent's, or by itself. Release it, or the parent remembers it for ever. */
export interface Cancel {
  readonly signal: AbortSignal;
  readonly cancel: (reason?: Error) => void;
  readonly release: () => void;
}

/** `AbortSignal.any` keeps what it made for as long as the parent lives. */
export function cancelWith(parent: AbortSignal): Cancel {
  const own = new AbortController();
  const onParent = () => own.abort(parent.reason);
  if (parent.aborted) onParent();
  else parent.addEventListener('abort', onParent, { once: true });
  return {
    signal: own.signal,
    cancel: (reason) => own.abort(reason),
    release: () => parent.removeEventListener('abort', onParent),
  };
}
