import { documented } from '../facts.ts';
import { quoted, text } from '../fields.ts';
import { below, podOf } from '../pod.ts';
import type { EachRule } from '../rule.ts';

/** A program that requests pass through, and its oldest releases without a hole that everybody knows. */
interface Floor {
  readonly program: string;
  /** The end of the image's name, before tag and digest. */
  readonly image: RegExp;
  /** The oldest good release, newest line first; a line is the first two numbers. */
  readonly good: readonly string[];
  readonly why: string;
}

const floors: readonly Floor[] = [
  {
    program: 'Traefik',
    image: /(^|\/)traefik$/,
    good: ['3.7.13'],
    why: 'CVE-2026-48020 (a stripped prefix passes by its protection), CVE-2026-88004, CVE-2026-88008',
  },
  {
    program: 'nginx',
    image: /(^|\/)nginx(-unprivileged)?$/,
    good: ['1.31.3', '1.30.4'],
    why: 'CVE-2026-42945 and CVE-2026-42533 (memory of the worker by a rewrite)',
  },
  {
    program: 'ingress-nginx',
    image: /(^|\/)(ingress-nginx\/controller|nginx-ingress-controller)$/,
    good: ['1.15.1'],
    why: 'CVE-2025-1974, CVE-2026-24512 and others; the project ended with this release, so plan to leave it',
  },
];

export const versionFloor: EachRule = {
  id: 'version-floor',
  title: 'Programs that requests pass through have no hole that everybody knows',
  reason: 'The edge is the first that everybody can reach, and its old releases are tried by name.',
  severity: 'critical',
  expected: floors.map(({ program, good }) => `${program} ${good.join(' or ')} or newer`).join(', '),
  fix: 'Use a newer release, and write its version in the tag, beside the digest.',
  link: documented('version-floor'),
  standard: null,
  scope: 'each',
  *judge(subject) {
    const pod = podOf(subject);
    if (pod === null) return;
    for (const container of pod.containers) {
      const image = text(container.value, 'image');
      const name = image.replace(/@.*$/, '').replace(/:[^/]*$/, '');
      const floor = floors.find((each) => each.image.test(name));
      if (floor === undefined || isGood(image, floor)) continue;
      const expected = `${floor.program} ${floor.good.join(' or ')} or newer: ${floor.why}`;
      yield { path: below(container, 'image'), found: quoted(image), expected };
    }
  },
};

/** A tag that tells no version is not good: nobody can say what it is. */
function isGood(image: string, { good }: Floor): boolean {
  const release = /:v?([0-9]+)\.([0-9]+)\.([0-9]+)(?![0-9])/.exec(image)?.slice(1).map(Number);
  if (release === undefined) return false;
  const floorsOf = good.map((each) => each.split('.').map(Number));
  const [newest] = floorsOf;
  if (newest !== undefined && compare(release, newest) >= 0) return true;
  return floorsOf.some(
    (floor) => compare(release.slice(0, 2), floor.slice(0, 2)) === 0 && compare(release, floor) >= 0,
  );
}

function compare(a: readonly number[], b: readonly number[]): number {
  const different = a.findIndex((part, index) => part !== b[index]);
  return different === -1 ? 0 : (a[different] ?? 0) - (b[different] ?? 0);
}
