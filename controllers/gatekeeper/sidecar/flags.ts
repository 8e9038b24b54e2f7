import { sidecarPort } from '../../../components/dialects/edge-sidecar.ts';
import type { SidecarFlags } from './sidecar.ts';

type FlagsResult =
  | { readonly ok: true; readonly flags: SidecarFlags }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads `--port=N` and `--health-port=N`; every mistake is told at once, and no unknown argument is repeated. */
export function parseSidecarFlags(args: readonly string[]): FlagsResult {
  const given = new Map<string, number>();
  const problems = args.flatMap((arg, index) => {
    const [, name = '', value] = /^--(port|health-port)=([0-9]{1,5})$/.exec(arg) ?? [];
    if (value === undefined || Number(value) > 65_535)
      return [`argument ${index + 1}: expected --port=N or --health-port=N with a port from 0 to 65535`];
    if (given.has(name)) return [`--${name}: found twice, expected once`];
    given.set(name, Number(value));
    return [];
  });
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, flags: { port: given.get('port') ?? sidecarPort, healthPort: given.get('health-port') ?? 8083 } };
}
