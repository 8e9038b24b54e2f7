import type { Loss, Place, Problem } from '../model/problem.ts';
import type { AcceptedLoss, EnvironmentPlan } from './plan.ts';

/** A loss and the words it was accepted with. */
export interface Acceptance {
  readonly loss: Loss;
  readonly acceptance: AcceptedLoss;
}

export interface JudgedLosses {
  readonly accepted: readonly Acceptance[];
  readonly unaccepted: readonly Loss[];
  /** Acceptances that are over, and those that accept nothing. */
  readonly problems: readonly Problem[];
}

/** The place as errors print it and as an acceptance names it: `app shop/cart, routes[0]`. */
function lossPlace({ subject, path }: Place): string {
  return path === '' ? subject : `${subject}, ${path}`;
}

/** Which losses the environment accepts today, by name and place. `today` is YYYY-MM-DD. */
export function judgeLosses(
  { name, acceptedLosses }: Pick<EnvironmentPlan, 'name' | 'acceptedLosses'>,
  losses: readonly Loss[],
  today: string,
): JudgedLosses {
  const keyOf = (lossName: string, at: string) => `${lossName} ${at}`;
  const acceptances = new Map(acceptedLosses.map((each) => [keyOf(each.name, each.at), each]));
  const used = new Set<AcceptedLoss>();
  const accepted: Acceptance[] = [];
  const unaccepted: Loss[] = [];
  for (const loss of losses) {
    const acceptance = acceptances.get(keyOf(loss.name, lossPlace(loss.at)));
    if (acceptance !== undefined) used.add(acceptance);
    if (acceptance === undefined || acceptance.until < today) unaccepted.push(loss);
    else accepted.push({ loss, acceptance });
  }
  const problems = acceptedLosses.flatMap((acceptance, index) => {
    const at = { subject: `environment ${name}`, path: `acceptedLosses[${index}]` };
    if (!used.has(acceptance)) return [acceptsNothing(acceptance, at, losses)];
    return acceptance.until < today ? [expired(acceptance, at, today)] : [];
  });
  return { accepted, unaccepted, problems };
}

function expired(acceptance: AcceptedLoss, at: Place, today: string): Problem {
  return {
    code: 'acceptance-expired',
    at: { ...at, path: `${at.path}.until` },
    found: `${acceptance.until}, and today is ${today}`,
    expected: `a day not before today: ${acceptance.name} was accepted through ${acceptance.until}`,
    fix: 'Mend the loss, or decide again and set a later day.',
  };
}

function acceptsNothing(acceptance: AcceptedLoss, at: Place, losses: readonly Loss[]): Problem {
  const same = losses.filter((loss) => loss.name === acceptance.name).map((loss) => `"${lossPlace(loss.at)}"`);
  const places = same.length === 0 ? '' : `; this loss stands at ${same.slice(0, 3).join(', ')}`;
  return {
    code: 'acceptance-unused',
    at,
    found: `${acceptance.name} at "${acceptance.at}"`,
    expected: `a loss that this environment has${places}`,
    fix: 'Correct name and place as the error about the loss says them, each acceptance once, or take it away.',
  };
}
