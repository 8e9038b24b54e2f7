import { shortHash } from '../../../names.ts';
import type { KubeObject } from '../../../output.ts';
import type { EnvironmentPlan } from '../../../plan.ts';
import { toYaml } from '../../../to-yaml.ts';
import { edgeNameOf } from '../names.ts';
import { dynamicConfiguration } from './dynamic-configuration.ts';
import { edgeMeta } from './meta.ts';
import { staticConfiguration } from './static-configuration.ts';

export const staticKey = 'traefik.yml';
export const dynamicKey = 'edgeplane.yml';

/** The edge's configuration as files. */
export function configMap(environment: EnvironmentPlan): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: edgeMeta(environment, edgeNameOf(environment)),
    data: {
      [staticKey]: fileText(staticConfiguration(environment)),
      [dynamicKey]: fileText(dynamicConfiguration(environment)),
    },
  };
}

/** Changes when a file does; on the pod template it rolls the edge, because most of it is read at start only. */
export function configurationHash(environment: EnvironmentPlan): string {
  return shortHash(
    `${JSON.stringify(staticConfiguration(environment))}\0${JSON.stringify(dynamicConfiguration(environment))}`,
  );
}

function fileText(configuration: Readonly<Record<string, unknown>>): string {
  return toYaml([configuration as unknown as KubeObject]);
}
