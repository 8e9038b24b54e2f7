import type { Finding } from '../model/finding.ts';
import { show } from '../model/shown.ts';

/** One label of Traefik; in Consul it is the tag `traefik.<key>=<value>`. */
export interface TraefikTag {
  /** Without `traefik.`: `http.routers.db.rule`. Traefik does not distinguish case here. */
  readonly key: string;
  readonly value: string;
}

/** Annotations of a Service that become tags: `traefik.io/<key>: <value>`. */
export const tagAnnotationPrefix = 'traefik.io/';

/**
 * The annotation that holds whole tags, one a line, for keys that Kubernetes refuses as annotation names: longer than
 * 63 characters, or with brackets.
 */
export const tagListAnnotation = `${tagAnnotationPrefix}tags`;

const tagPrefix = 'traefik.';

/** What Kubernetes accepts after the slash of an annotation's name. */
const annotationName = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/** What may stand before the `=` of a tag in a list: printable ASCII without space and `=`. */
const tagKey = /^[!-<>-~]+$/;

/** A line break would end a tag in a list, and no label of Traefik needs a control character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\u0000-\u001f\u007f]/;

/** Half a pair is no text: JSON would carry something else. */
const loneSurrogate = /\p{Cs}/u;

/** The tag as Consul keeps it. Traefik splits it at the first `=`. */
export function printTag({ key, value }: TraefikTag): string {
  return `${tagPrefix}${key}=${value}`;
}

/** Most that the tags of one Service may be together: each of its instances in Consul carries them all. */
export const tagLimits = { tags: 2048, bytes: 100 * 1024 } as const;

/** Bytes of tags as Consul keeps them. */
export function tagBytes(tags: readonly TraefikTag[]): number {
  return tags.reduce((sum, tag) => sum + Buffer.byteLength(printTag(tag)), 0);
}

/** Whether tags are within {@link tagLimits}. */
export function tagsFit(tags: readonly TraefikTag[]): boolean {
  return tags.length <= tagLimits.tags && tagBytes(tags) <= tagLimits.bytes;
}

/** Sorted and without repetitions, so that equal tags are equal lists: Consul compares them in order. */
export function printTags(tags: readonly TraefikTag[], others: readonly string[] = []): readonly string[] {
  return [...new Set([...others, ...tags.map(printTag)])].toSorted(compareText);
}

/** By code units: the same order in every locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Annotations, or what keeps tags from being written as such. */
export type TagsWritten =
  | { readonly ok: true; readonly annotations: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** The annotations that {@link readTagAnnotations} reads back as these tags. The same tags in any order, the same bytes. */
export function writeTagAnnotations(tags: readonly TraefikTag[]): TagsWritten {
  const findings = [...tags.flatMap((tag) => tagFindings(tag, tagListAnnotation)), ...repeated(tags)];
  if (findings.length > 0) return { ok: false, findings };
  const isListed = ({ key }: TraefikTag) =>
    !annotationName.test(key) || `${tagAnnotationPrefix}${key}` === tagListAnnotation;
  const plain = tags.filter((tag) => !isListed(tag)).map(({ key, value }) => [`${tagAnnotationPrefix}${key}`, value]);
  const listed = printTags(tags.filter(isListed));
  const all = listed.length === 0 ? plain : [...plain, [tagListAnnotation, listed.map((tag) => `${tag}\n`).join('')]];
  return {
    ok: true,
    annotations: Object.fromEntries(all.toSorted(([a = ''], [b = '']) => compareText(a, b))) as Record<string, string>,
  };
}

/** What the annotations of a Service say, and what in them is no tag. */
export interface TagsRead {
  /** Sorted by key; no two keys differ in case alone. */
  readonly tags: readonly TraefikTag[];
  readonly findings: readonly Finding[];
}

/** Reads all annotations of an object; those with another prefix are not looked at. */
export function readTagAnnotations(annotations: Readonly<Record<string, string>>): TagsRead {
  const found: TraefikTag[] = [];
  const findings: Finding[] = [];
  for (const [name, value] of Object.entries(annotations)) {
    if (!name.startsWith(tagAnnotationPrefix)) continue;
    if (name === tagListAnnotation) {
      readList(value, found, findings);
      continue;
    }
    const tag = { key: name.slice(tagAnnotationPrefix.length), value };
    const wrong = tagFindings(tag, name);
    findings.push(...wrong);
    if (wrong.length === 0) found.push(tag);
  }
  const tags = [...new Map(found.map((tag) => [printTag(tag), tag])).values()];
  return {
    tags: tags.toSorted((a, b) => compareText(a.key, b.key) || compareText(a.value, b.value)),
    findings: [...findings, ...repeated(tags)],
  };
}

function readList(text: string, found: TraefikTag[], findings: Finding[]): void {
  for (const line of text.split('\n')) {
    const tag = line.replace(/^[ \t]+/, '').replace(/\r$/, '');
    if (tag === '') continue;
    const split = tag.indexOf('=');
    if (!tag.startsWith(tagPrefix) || split < 0) {
      findings.push({
        code: 'tag-line',
        path: annotationPath(tagListAnnotation),
        found: `the line ${shown(tag)}`,
        expected: 'one tag a line, as traefik.http.routers.db.rule=Host("db.internal.example.org")',
        fix: 'Write the whole tag, or take the line out.',
      });
      continue;
    }
    const read = { key: tag.slice(tagPrefix.length, split), value: tag.slice(split + 1) };
    const wrong = tagFindings(read, tagListAnnotation);
    findings.push(...wrong);
    if (wrong.length === 0) found.push(read);
  }
}

/** Where an annotation stands, for a finding. */
export function annotationPath(name: string): Finding['path'] {
  return ['metadata', 'annotations', name];
}

const shown = (text: string) => show(text, []);

function tagFindings({ key, value }: TraefikTag, annotation: string): readonly Finding[] {
  const findings: Finding[] = [];
  if (!tagKey.test(key)) {
    findings.push({
      code: 'tag-key',
      path: annotationPath(annotation),
      found: `the key ${shown(key)}`,
      expected: 'a label of Traefik in printable ASCII, without spaces',
      fix: 'Write the key as the documentation of Traefik has it.',
    });
  }
  if (control.test(value) || loneSurrogate.test(value)) {
    findings.push({
      code: 'tag-value',
      path: annotationPath(annotation),
      found: `a control character in the value of ${shown(key)}`,
      expected: 'text without line breaks and control characters',
      fix: `Write the value in one line, or several tags below ${tagListAnnotation}.`,
    });
  }
  return findings;
}

/** Traefik keeps the last of several, in no order that anybody could rely on. */
function repeated(tags: readonly TraefikTag[]): readonly Finding[] {
  const first = new Map<string, string>();
  const findings: Finding[] = [];
  for (const { key } of tags) {
    const folded = key.toLowerCase();
    const known = first.get(folded);
    if (known !== undefined) {
      findings.push({
        code: 'tag-twice',
        path: annotationPath(`${tagAnnotationPrefix}${key}`),
        found: known === key ? `two values of ${shown(key)}` : `${shown(known)} and ${shown(key)}`,
        expected: 'each key once; Traefik does not distinguish their case',
        fix: 'Take one of them out.',
      });
    } else first.set(folded, key);
  }
  return findings;
}
