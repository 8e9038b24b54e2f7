import { field, isStated, texts } from '../fields.ts';
import { cisGkeRule } from './cis-gke-rule.ts';

export const logging = cisGkeRule({
  cis: '5.7.1',
  slug: 'logging',
  of: 'cluster',
  title: 'System components are logged and measured',
  reason: 'Without logs nobody can say what happened.',
  severity: 'medium',
  expected: 'SYSTEM_COMPONENTS among the components',
  fix: 'Name SYSTEM_COMPONENTS in loggingConfig and monitoringConfig, or leave the defaults.',
  *judge(inputs) {
    for (const service of ['loggingService', 'monitoringService']) {
      if (field(inputs, service) === 'none') yield { path: [service], found: '"none"' };
    }
    for (const config of ['loggingConfig', 'monitoringConfig']) {
      if (!isStated(inputs, config) || texts(inputs, config, 'enableComponents').includes('SYSTEM_COMPONENTS'))
        continue;
      yield { path: [config, 'enableComponents'], found: 'others only' };
    }
  },
});
