import { documented } from '../facts.ts';
import { quoted, text } from '../fields.ts';
import { below, podOf } from '../pod.ts';
import type { EachRule } from '../rule.ts';

const digest = /@sha256:[0-9a-f]{64}$/;
const tag = /:([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})(?:@|$)/;

export const imagePinned: EachRule = {
  id: 'image-pinned',
  title: 'Images are named by tag, in production by digest',
  reason: 'What `latest` means changes between two pods of one app, and a tag means what its registry says today.',
  severity: 'medium',
  expected: 'a tag other than latest; in production a digest',
  fix: 'Write the tag, and in production the digest that the registry gives for it.',
  link: documented('image-pinned'),
  standard: null,
  scope: 'each',
  *judge(subject) {
    const pod = podOf(subject);
    if (pod === null) return;
    for (const container of pod.containers) {
      const image = text(container.value, 'image');
      if (digest.test(image)) continue;
      const path = below(container, 'image');
      if (subject.tier === 'production') yield { path, found: quoted(image), expected: 'a digest' };
      else if ((tag.exec(image)?.[1] ?? 'latest') === 'latest') yield { path, found: quoted(image) };
    }
  },
};
