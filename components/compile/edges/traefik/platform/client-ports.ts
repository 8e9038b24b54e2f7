import type { EnvironmentPlan } from '../../../plan.ts';
import { entryPoint, entryPointPort } from '../names.ts';

/** Ports of an edge's container: the two doors, on ports of the node where the environment says so, and health. */
export function clientPorts({ exposure }: EnvironmentPlan) {
  const host = exposure.kind === 'hostPort' ? exposure : null;
  return [
    { name: entryPoint.plain, containerPort: entryPointPort.plain, ...(host === null ? {} : { hostPort: host.http }) },
    {
      name: entryPoint.secure,
      containerPort: entryPointPort.secure,
      ...(host === null ? {} : { hostPort: host.https }),
    },
    { name: entryPoint.admin, containerPort: entryPointPort.admin },
  ];
}
