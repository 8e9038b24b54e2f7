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
  return {
    readiness:
      'none' in readiness
        ? null
        : probePlan(readiness, readinessTiming, { ports, report, path: ['probes', 'readiness', 'check'] }),
    liveness:
      liveness === undefined
        ? null
        : probePlan(liveness, usual, { ports, report, path: ['probes', 'liveness', 'check'] }),
    startup:
      startup === undefined
        ? null
        : probePlan(startup, startupTiming, { ports, report, path: ['probes', 'startup', 'check'] }),
  };
}

interface ProbePlace {
  readonly ports: PodPorts;
  readonly report: Report;
  readonly path: Path;
}

function probePlan(probe: ParsedProbe, timing: Timing, place: ProbePlace): ProbePlan {
  const check = checkPlan(probe.check, place);
  if (probe.timing === undefined) return { check, ...timing };
  const given = Object.fromEntries(Object.entries(probe.timing).filter(([, value]) => value !== undefined));
  return { check, ...timing, ...given };
}

function checkPlan(check: ParsedProbe['check'], place: ProbePlace): ProbePlan['check'] {
  if ('http' in check) {
    const headers = headerValues(check.http.headers);
    return { kind: 'http', path: check.http.path, port: portNumber(check.http.port, 'http', place), headers };
  }
  if ('tcp' in check) return { kind: 'tcp', port: portNumber(check.tcp.port, 'tcp', place) };
  if ('grpc' in check)
    return { kind: 'grpc', port: portNumber(check.grpc.port, 'grpc', place), service: check.grpc.service ?? null };
  return { kind: 'command', command: check.command };
}

function portNumber(reference: string | number | undefined, kind: string, { ports, report, path }: ProbePlace): number {
  if (typeof reference === 'number') return reference;
  const problem = { report, path: [...path, kind, 'port'], of: 'this app' };
  return findPort(ports, reference, 'any', problem)?.containerPort ?? 0;
}
