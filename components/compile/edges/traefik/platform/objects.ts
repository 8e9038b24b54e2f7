import type { KubeObject } from '../../../output.ts';
import type { EnvironmentPlan } from '../../../plan.ts';
import { accessObjects } from './access.ts';
import { defaultCertificate } from './certificates.ts';
import { configMap } from './configuration.ts';
import { daemonSet } from './daemon-set.ts';
import { ingressClassObject, loadBalancerObjects } from './exposure.ts';
import { namespaceObject } from './namespace.ts';
import { disruptionBudget, networkPolicy, priorityClass } from './protection.ts';
import { readinessRoute } from './readiness.ts';

/** The edge itself, in the order it is applied. A function of the environment alone: no app changes it. */
export function platformObjects(environment: EnvironmentPlan): readonly KubeObject[] {
  return [
    namespaceObject(environment),
    priorityClass(environment),
    ingressClassObject(environment),
    ...accessObjects(environment),
    configMap(environment),
    ...defaultCertificate(environment),
    ...networkPolicy(environment),
    ...disruptionBudget(environment),
    readinessRoute(environment),
    daemonSet(environment),
    ...loadBalancerObjects(environment),
  ];
}
