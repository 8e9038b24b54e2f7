import { field, isStated } from '../fields.ts';
import { cisGkeRule, shown } from './cis-gke-rule.ts';

export const secretsEncryption = cisGkeRule({
  cis: '5.3.1',
  slug: 'secrets-encryption',
  of: 'cluster',
  title: 'Secrets in the cluster’s store are encrypted with a key of yours',
  reason: 'Who reads the store’s disk reads every Secret.',
  severity: 'high',
  expected: 'ENCRYPTED, with a key',
  fix: 'Set databaseEncryption.state to ENCRYPTED and databaseEncryption.keyName to a key of Cloud KMS.',
  *judge(inputs) {
    const state = field(inputs, 'databaseEncryption', 'state');
    if (state !== 'ENCRYPTED') yield { path: ['databaseEncryption', 'state'], found: shown(state) };
    else if (!isStated(inputs, 'databaseEncryption', 'keyName')) {
      yield { path: ['databaseEncryption', 'keyName'], found: 'nothing' };
    }
  },
});
