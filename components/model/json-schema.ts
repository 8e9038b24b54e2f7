import { z } from 'zod';
import { apiVersion } from './define.ts';
import { appSchema, edgeRoutesSchema } from './schema/app.ts';

/**
 * The form as JSON Schema (draft 7, which editors know best), made from the schemas that parse uses. Rules over several
 * fields are not in it: `edgeplane check` tells those.
 */
export function jsonSchema(): Readonly<Record<string, unknown>> {
  const head = { apiVersion: { const: apiVersion, description: 'Version of the form.' } };
  const kinds = { App: appSchema, EdgeRoutes: edgeRoutesSchema } as const;
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'https://edgeplane.dev/schema/edgeplane.v1.json',
    title: 'Edgeplane definition',
    type: 'object',
    required: ['apiVersion', 'kind', 'name'],
    properties: {
      ...head,
      kind: {
        enum: Object.keys(kinds),
        description: 'App: a workload with its routes. EdgeRoutes: routes on a Service.',
      },
    },
    allOf: Object.keys(kinds).map((kind) => ({
      if: { properties: { kind: { const: kind } }, required: ['kind'] },
      // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
      then: { $ref: `#/definitions/${kind}` },
    })),
    definitions: Object.fromEntries(
      Object.entries(kinds).map(([kind, schema]) => [
        kind,
        withFields(z.toJSONSchema(schema, { io: 'input', target: 'draft-7' }), { ...head, kind: { const: kind } }),
      ]),
    ),
  };
}

function withFields(schema: z.core.JSONSchema.BaseSchema, fields: Readonly<Record<string, object>>): object {
  const { $schema: _dialect, properties, ...rest } = schema;
  return { ...rest, properties: { ...fields, ...properties } };
}
