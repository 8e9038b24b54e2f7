import { expectedOf } from './expected.ts';
import { branches, descriptionOf, exampleOf, fieldsOf, isOptional, partsOf, required, type Schema } from './form.ts';
import { appSchema, edgeRoutesSchema } from './schema/app.ts';
import { environmentSchema } from './schema/environment.ts';
import { check, timing } from './schema/probes.ts';
import { protection } from './schema/protection.ts';
import { appRoute } from './schema/route.ts';
import { sideContainer } from './schema/workload.ts';

/** The parts of the form that have a chapter of their own. Where one stands inside another, the text leads there. */
const chapters: readonly { readonly title: string; readonly words: string; readonly schema: Schema }[] = [
  {
    title: 'App',
    words: 'One workload with its ports, routes and protection (`kind: App`, `defineApp`).',
    schema: appSchema,
  },
  { title: 'Route', words: 'One entry of `routes`. What it means is docs/routing-contract.md.', schema: appRoute },
  { title: 'Protection', words: 'Who may pass. Exactly one of these fields.', schema: protection },
  { title: 'Container', words: 'One entry of `initContainers` or `sidecars`.', schema: sideContainer },
  { title: 'Check', words: 'How a pod is asked whether it works. Exactly one of these.', schema: check },
  { title: 'Timing', words: 'How often a probe asks, and how patiently.', schema: timing },
  {
    title: 'EdgeRoutes',
    words: 'Routes on a Service that exists already (`kind: EdgeRoutes`, `defineRoutes`).',
    schema: edgeRoutesSchema,
  },
  { title: 'Environment', words: 'A place apps run in (`defineEnvironment`).', schema: environmentSchema },
];

/** The reference of the form as Markdown, made from the schemas that parse uses. */
export function reference(): string {
  const head = [
    '# Reference of the form',
    '',
    'Made from the schemas in `components/model/schema` by `npm run schema`; do not edit. A field in **bold** is required.',
    'Editors read the same from `schema/edgeplane.v1.json`:',
    '`# yaml-language-server: $schema=../schema/edgeplane.v1.json` at the top of a YAML file.',
  ];
  return `${[...head, ...chapters.flatMap(chapter)].join('\n')}\n`;
}

function chapter({ title, words, schema }: (typeof chapters)[number]): readonly string[] {
  const rows = rowsOf(schema, '', 0).map(
    ({ field, takes, words: text }) => `| ${field} | ${cell(takes)} | ${cell(text)} |`,
  );
  return ['', `## ${title}`, '', words, '', '| Field | Takes | Meaning |', '|---|---|---|', ...rows];
}

interface Row {
  readonly field: string;
  readonly takes: string;
  readonly words: string;
}

/** Fields of an object, those of its inner objects after each. */
function rowsOf(schema: Schema, prefix: string, depth: number): readonly Row[] {
  const choices = branches(schema);
  return choices.flatMap((branch) =>
    Object.entries(fieldsOf(branch) ?? {}).flatMap(([name, field]) => {
      const path = `${prefix}${name}`;
      const code = `\`${path}\``;
      const row = {
        field: isOptional(field) || choices.length > 1 ? code : `**${code}**`,
        takes: takesOf(field),
        words: `${descriptionOf(field) ?? ''}${exampleText(field)}`.trim(),
      };
      return [row, ...(depth < 5 ? insideOf(field, path, depth + 1) : [])];
    }),
  );
}

function insideOf(field: Schema, path: string, depth: number): readonly Row[] {
  if (chapterOf(field) !== undefined) return [];
  return branches(field).flatMap((branch) => {
    const { element, valueType } = partsOf(branch);
    if (element !== undefined) return chapterOf(element) === undefined ? rowsOf(element, `${path}[].`, depth) : [];
    if (valueType !== undefined) return rowsOf(valueType, `${path}.*.`, depth);
    return rowsOf(branch, `${path}.`, depth);
  });
}

function takesOf(field: Schema): string {
  const own = chapterOf(field);
  if (own !== undefined) return link(own);
  const { element, valueType } = partsOf(required(field));
  const inner = element === undefined ? undefined : chapterOf(element);
  if (inner !== undefined) return `a list of ${link(inner)}`;
  return valueType === undefined ? expectedOf(field) : `names, each with ${expectedOf(valueType)}`;
}

function chapterOf(schema: Schema): string | undefined {
  return chapters.find((each) => each.schema === required(schema))?.title;
}

function link(title: string): string {
  return `[${title}](#${title.toLowerCase()})`;
}

function exampleText(field: Schema): string {
  const example = exampleOf(field);
  return example === undefined ? '' : ` Example: \`${JSON.stringify(example)}\`.`;
}

function cell(text: string): string {
  return text.replace(/\|/g, '\\|').replace(/\*/g, '\\*').replace(/\n/g, ' ');
}
