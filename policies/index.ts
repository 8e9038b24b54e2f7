// Pulumi's entry: `pulumi preview --policy-pack policies`. The one file that makes a PolicyPack, which starts a server.
import { PolicyPack } from '@pulumi/policy';
import { exemptions } from './exemptions.ts';
import { packPolicies } from './pack/policies.ts';
import { rules } from './rules/all.ts';

new PolicyPack('edgeplane', {
  // The SDK's own default is `advisory`.
  enforcementLevel: 'mandatory',
  policies: packPolicies({ rules, exemptions, today: new Date().toISOString().slice(0, 10) }),
});
