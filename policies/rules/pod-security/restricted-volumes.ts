import { has, names, parts, quoted, text } from '../fields.ts';
import { podSecurityRule } from './pod-security-rule.ts';

const allowed = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
] as const;

export const restrictedVolumes = podSecurityRule({
  check: 'restrictedVolumes',
  level: 'restricted',
  title: 'Volumes come from Kubernetes itself or from a claim',
  reason: 'The others reach the node or a server past the cluster’s own permissions.',
  severity: 'medium',
  expected: `one of ${allowed.join(', ')}`,
  fix: 'Use a claim for storage, and ConfigMaps and Secrets for files.',
  *judge(pod) {
    for (const { path, value } of parts(pod.value, pod.path, 'volumes')) {
      if (allowed.some((kind) => has(value, kind))) continue;
      const kinds = names(value).filter((name) => name !== 'name' && has(value, name));
      // A volume that names no source is an emptyDir: the API server writes that before it judges.
      if (kinds.length > 0) yield { path, found: `${kinds.join(', ')} in volume ${quoted(text(value, 'name'))}` };
    }
  },
});
