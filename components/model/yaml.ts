import { parseAllDocuments } from 'yaml';
import type { ParsedDefinition } from './definition.ts';
import { parseDefinitions } from './parse.ts';
import type { Result } from './problem.ts';

/** Reads the definitions of one YAML text (several documents). Every problem has its line and column. */
export function readYaml(text: string, file: string): Result<readonly ParsedDefinition[]> {
  const documents = parseAllDocuments(text);
  return parseDefinitions(
    (Array.isArray(documents) ? documents : []).map((document) => ({
      input: document.toJS(),
      origin: { file, positionOf: () => undefined },
    })),
  );
}
