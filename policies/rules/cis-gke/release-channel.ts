import { cisGkeRule, unless } from './cis-gke-rule.ts';

const channels: ReadonlySet<unknown> = new Set(['RAPID', 'REGULAR', 'STABLE', 'EXTENDED']);

export const releaseChannel = cisGkeRule({
  cis: '5.5.4',
  slug: 'release-channel',
  of: 'cluster',
  title: 'The cluster is on a release channel',
  reason: 'A channel brings mended versions without anybody’s memory.',
  severity: 'medium',
  expected: 'RAPID, REGULAR, STABLE or EXTENDED',
  fix: 'Set releaseChannel.channel.',
  judge: (inputs) => unless(inputs, ['releaseChannel', 'channel'], (value) => channels.has(value)),
});
