import { z } from 'zod';
import type { ConsulClient } from './client.ts';
import type { Operation } from './operation.ts';

/** One result: what was written now has this index. */
export interface Written {
  readonly operation: Operation;
  /** null for what was removed. */
  readonly modifyIndex: number | null;
}

export type TransactionOutcome =
  | {
      readonly kind: 'applied';
      /** Without the fence; null when Consul did not tell them all, as without the right to read. */
      readonly written: readonly Written[] | null;
    }
  /** Nothing was written; `at` counts operations from 0. */
  | { readonly kind: 'refused'; readonly errors: readonly { readonly at: number; readonly what: string }[] };

const indexed = z.object({ ModifyIndex: z.number() }).optional();
const answerShape = z.object({
  Results: z.array(z.object({ Node: indexed, Service: indexed, Check: indexed, KV: indexed })).nullish(),
  Errors: z.array(z.object({ OpIndex: z.number(), What: z.string() })).nullish(),
});

/**
 * Applies all operations or none.
 * @throws ConsulError, ConsulUnavailable: it is not known whether they were applied.
 */
export async function applyTransaction(
  client: ConsulClient,
  operations: readonly Operation[],
  signal: AbortSignal,
): Promise<TransactionOutcome> {
  const answer = await client.send({ method: 'PUT', path: '/v1/txn', body: operations, accept: [409], signal });
  const { Results, Errors } = answerShape.parse(answer.body);
  if (Errors && Errors.length > 0) {
    return { kind: 'refused', errors: Errors.map(({ OpIndex, What }) => ({ at: OpIndex, what: What })) };
  }
  return { kind: 'applied', written: match(operations, Results ?? []) };
}

type Result = NonNullable<z.infer<typeof answerShape>['Results']>[number];

const isRemoval = (operation: Operation) =>
  ('Node' in operation && operation.Node.Verb === 'delete-cas') ||
  ('Service' in operation && operation.Service.Verb === 'delete-cas');

/** Results come in the order of the operations, without any for removals. */
function match(operations: readonly Operation[], results: readonly Result[]): readonly Written[] | null {
  const catalog = operations.filter((operation) => !('KV' in operation));
  const told = results.flatMap(({ Node, Service, Check }) => Node ?? Service ?? Check ?? []);
  if (told.length !== catalog.filter((operation) => !isRemoval(operation)).length) return null;
  let next = 0;
  return catalog.map((operation) => {
    if (isRemoval(operation)) return { operation, modifyIndex: null };
    next += 1;
    return { operation, modifyIndex: told[next - 1]?.ModifyIndex ?? null };
  });
}
