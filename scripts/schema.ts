/** Writes what is made from code: the JSON Schema for editors, the reference of fields, and the tables of the readers. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonSchema } from '../components/model/json-schema.ts';
import { reference } from '../components/model/reference.ts';
import { readersTables } from '../components/readers/reference.ts';

const root = join(__dirname, '..');
mkdirSync(join(root, 'schema'), { recursive: true });
writeFileSync(join(root, 'schema/edgeplane.v1.json'), `${JSON.stringify(jsonSchema(), null, 2)}\n`);
writeFileSync(join(root, 'docs/app-reference.md'), reference());
const readers = join(root, 'docs/readers.md');
const heading = '## The tables\n\n`npm run schema` writes what follows.\n\n';
const [text = ''] = readFileSync(readers, 'utf8').split(heading);
writeFileSync(readers, `${text}${heading}${readersTables()}`);
