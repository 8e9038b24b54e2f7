import { environmentAnnotations, platformLabels } from './metadata.ts';
import type { KubeObject } from './output.ts';
import type { Plan, SecretStorePlan } from './plan.ts';
import { fetchedSecrets, type WantedSecret } from './wanted-secrets.ts';

/**
 * What fetches the routing keys where the environment names a store: one ExternalSecret for each Secret, and no value
 * anywhere. They belong to the platform, as the gatekeepers that read the Secrets.
 */
export function externalSecrets(plan: Plan): readonly KubeObject[] {
  const { secretStore: store } = plan.environment;
  return store === null ? [] : fetchedSecrets(plan).map((secret) => externalSecret(plan, store, secret));
}

/** Takes all that the store has under the name: the key, `<key>-previous` and `<key>-previous-until`. */
function externalSecret(
  { environment }: Plan,
  store: SecretStorePlan,
  { namespace, name, type }: WantedSecret,
): KubeObject {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name, namespace, labels: platformLabels(name), annotations: environmentAnnotations(environment) },
    spec: {
      refreshInterval: '1m',
      secretStoreRef: { name: store.name, kind: store.kind },
      target: { name, creationPolicy: 'Owner', template: { type } },
      dataFrom: [{ extract: { key: `${store.prefix}${namespace}/${name}` } }],
    },
  };
}
