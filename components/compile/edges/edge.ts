import type { EdgeOutput } from '../output.ts';
import type { Plan } from '../plan.ts';

/** A front door and its dialect. `emit` is pure and total: what it cannot keep it returns as a loss, never silently. */
export interface Edge {
  readonly name: Plan['environment']['edge'];
  readonly emit: (plan: Plan) => EdgeOutput;
}
