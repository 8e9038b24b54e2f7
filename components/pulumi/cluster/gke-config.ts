import { z } from 'zod';
import { cidr, label } from '../../model/schema/leaf.ts';

const machineType = z
  .string()
  .regex(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)+$/, { error: 'a machine type as e2-standard-2' })
  .meta({ examples: ['e2-standard-2'] });
const zone = z
  .string()
  .regex(/^[a-z]+(?:-[a-z]+)+[0-9]+-[a-z]$/, { error: 'a zone as europe-west1-b' })
  .meta({ examples: ['europe-west1-b'] });
const weekday = z.enum(['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']);

/** Google's cluster of an environment, as its stack configuration describes it. */
export const gkeConfigSchema = z
  .strictObject({
    project: z
      .string()
      .regex(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, { error: 'a project id: 6 to 30 lower-case letters, digits and dashes' })
      .describe('Id of the Google Cloud project.'),
    region: z
      .string()
      .regex(/^[a-z]+(?:-[a-z]+)+[0-9]+$/, { error: 'a region as europe-west1' })
      .describe('Region of the cluster and its addresses.'),
    zones: z.array(zone).min(1).max(3).describe('Zones of the nodes; production needs two.'),
    operators: z
      .array(z.strictObject({ name: label.describe('Who.'), cidr: cidr.describe('Their addresses.') }))
      .optional()
      .describe('Networks that reach the control plane. Default: those of the nodes alone.'),
    privateEndpoint: z.boolean().optional().describe('No public address for the control plane. Default: true.'),
    network: z
      .strictObject({
        nodes: cidr.optional().describe('Default: 10.0.0.0/20.'),
        pods: cidr.optional().describe('Default: 10.4.0.0/14.'),
        services: cidr.optional().describe('Default: 10.8.0.0/20.'),
        controlPlane: cidr.optional().describe('A /28. Default: 172.16.0.0/28.'),
      })
      .optional()
      .describe('Address ranges.'),
    appNodes: z
      .strictObject({
        machineType: machineType.optional().describe('Default: e2-standard-4.'),
        min: z.int().min(1).max(1000).optional().describe('Fewest nodes in all zones. Default: 2.'),
        max: z.int().min(1).max(1000).optional().describe('Most nodes in all zones. Default: 6.'),
      })
      .optional()
      .describe('Nodes of the apps, scaled by their number of pods.'),
    edgeNodes: z
      .strictObject({ machineType: machineType.optional().describe('Default: e2-standard-2.') })
      .optional()
      .describe('Nodes of the edge; how many is a matter of the environment.'),
    releaseChannel: z.enum(['RAPID', 'REGULAR', 'STABLE', 'EXTENDED']).optional().describe('Default: REGULAR.'),
    maintenance: z
      .strictObject({
        start: z
          .string()
          .regex(/^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/, { error: 'a time of day in UTC, as 03:00' })
          .describe('Begin, UTC.'),
        hours: z.int().min(4).max(24).describe('Length.'),
        days: z.array(weekday).min(1).describe('Days of the week.'),
      })
      .optional()
      .describe('When Google may change things. Default: every day 02:00 to 06:00 UTC.'),
    securityGroup: z
      .string()
      .regex(/^gke-security-groups@[a-z0-9.-]+$/, { error: 'gke-security-groups@YOUR-DOMAIN' })
      .optional()
      .describe('Group whose members’ groups get rights in the cluster. Default: none.'),
  })
  .describe('A GKE cluster that is made.');

export type GkeConfig = z.output<typeof gkeConfigSchema>;
