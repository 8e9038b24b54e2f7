import type { ParsedApp } from '../../model/definition.ts';
import type { Path } from '../../model/path.ts';
import { defaults } from '../defaults.ts';
import type { ContainerPlan, ProbePlan } from '../plan.ts';
import type { Report } from './definition.ts';
import { headerValues } from './headers.ts';
import { findPort, type PodPorts } from './ports.ts';

type ParsedProbe = NonNullable<ParsedApp['probes']['liveness']>;
type Timing = Omit<ProbePlan, 'check'>;

const { initialDelaySeconds, timeoutSeconds, failureThreshold, periodSeconds } = defaults.probe;
const usual: Timing = { initialDelaySeconds, periodSeconds, timeoutSeconds, failureThreshold };
const readinessTiming: Timing = { ...usual, periodSeconds: defaults.probe.readinessPeriodSeconds };
const startupTiming: Timing = {
  ...usual,
  periodSeconds: defaults.probe.startupPeriodSeconds,
  failureThreshold: defaults.probe.startupFailureThreshold,
};

/** The probes of the app's own container, with port numbers in place of names. */
export function probePlans(app: ParsedApp, ports: PodPorts, report: Report): ContainerPlan['probes'] {
  const { readiness, liveness, startup } = app.probes;
  const plan = (probe: ParsedProbe | undefined, kind: string, timing: Timing) =>
    probe === undefined ? null : probePlan(probe, timing, ports, { report, path: ['probes', kind, 'check'] });
  return {
    readiness: plan('none' in readiness ? undefined : readiness, 'readiness', readinessTiming),
    liveness: plan(liveness, 'liveness', usual),
    startup: plan(startup, 'startup', startupTiming),
  };
}

function probePlan(
  probe: ParsedProbe,
  timing: Timing,
  ports: PodPorts,
  place: { readonly report: Report; readonly path: Path },
): ProbePlan {
  const { check } = probe;
  const given = Object.fromEntries(Object.entries(probe.timing ?? {}).filter(([, value]) => value !== undefined));
  return { check: checkPlan(check, ports, place), ...timing, ...given };
}

function checkPlan(
  check: ParsedProbe['check'],
  ports: PodPorts,
  { report, path }: { readonly report: Report; readonly path: Path },
): ProbePlan['check'] {
  const number = (reference: string | number | undefined, kind: string) => {
    if (typeof reference === 'number') return reference;
    const problem = { report, path: [...path, kind, 'port'], of: 'this app' };
    return findPort(ports, reference, 'any', problem)?.containerPort ?? 0;
  };
  if ('http' in check) {
    const headers = headerValues(check.http.headers);
    return { kind: 'http', path: check.http.path, port: number(check.http.port, 'http'), headers };
  }
  if ('tcp' in check) return { kind: 'tcp', port: number(check.tcp.port, 'tcp') };
  if ('grpc' in check)
    return { kind: 'grpc', port: number(check.grpc.port, 'grpc'), service: check.grpc.service ?? null };
  return { kind: 'command', command: check.command };
}
