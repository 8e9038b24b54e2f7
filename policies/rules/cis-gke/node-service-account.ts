import { isStated } from '../fields.ts';
import { cisGkeRule } from './cis-gke-rule.ts';

export const nodeServiceAccounts = cisGkeRule({
  cis: '5.2.1',
  slug: 'node-service-account',
  of: 'nodes',
  title: 'Nodes have a service account of their own',
  reason: 'The default account of Compute Engine may edit the whole project, and so may every pod that reaches it.',
  severity: 'high',
  expected: 'a service account made for nodes',
  fix: 'Make an account with the roles that nodes need, and name it in nodeConfig.serviceAccount.',
  *judge(inputs) {
    if (!isStated(inputs, 'nodeConfig', 'serviceAccount'))
      yield { path: ['nodeConfig', 'serviceAccount'], found: 'nothing' };
  },
});
