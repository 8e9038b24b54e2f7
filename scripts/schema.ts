/** Writes what is made from the schemas of the form: the JSON Schema for editors, and the reference. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonSchema } from '../components/model/json-schema.ts';
import { reference } from '../components/model/reference.ts';

const root = join(__dirname, '..');
mkdirSync(join(root, 'schema'), { recursive: true });
writeFileSync(join(root, 'schema/edgeplane.v1.json'), `${JSON.stringify(jsonSchema(), null, 2)}\n`);
writeFileSync(join(root, 'docs/app-reference.md'), reference());
