import { setTimeout as sleep } from 'node:timers/promises';
import type { EdgeDriver } from './driver.ts';
import { type Answer, valuesOf } from './raw-client.ts';
import type { Expected, Vector } from './vector.ts';

/** What an echo backend saw, as its answer tells. */
interface Report {
  readonly pod: string;
  readonly service: string;
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly bodyLength: number;
}

export function readReport(answer: Answer): Report | null {
  if (valuesOf(answer.headers, 'x-echo-service').length === 0) return null;
  try {
    return JSON.parse(answer.body) as Report;
  } catch {
    return null;
  }
}

/** Every way in which an answer is not the expected one; empty when it is. */
export function differences(expected: Expected, answer: Answer): readonly string[] {
  const report = readReport(answer);
  const statuses = typeof expected.status === 'number' ? [expected.status] : expected.status;
  const found: string[] = [];
  if (!statuses.includes(answer.status)) found.push(`status ${answer.status} instead of ${statuses.join(' or ')}`);
  const service = valuesOf(answer.headers, 'x-echo-service')[0] ?? null;
  if (expected.service !== undefined && service !== expected.service)
    found.push(`answered by ${service} instead of ${expected.service}`);
  for (const field of ['target', 'method', 'host', 'bodyLength'] as const) {
    const wanted = expected[field];
    if (wanted !== undefined && report !== null && report[field] !== wanted)
      found.push(`${field} ${report[field]} instead of ${wanted}`);
  }
  if (report !== null) found.push(...headerDifferences('upstream', expected.upstream ?? {}, report.headers));
  found.push(...headerDifferences('answer', expected.response ?? {}, answer.headers));
  if (expected.certificate !== undefined && answer.certificateNames !== expected.certificate)
    found.push(`certificate for ${answer.certificateNames} instead of ${expected.certificate}`);
  return found;
}

function headerDifferences(
  where: string,
  expected: Readonly<Record<string, string | null>>,
  headers: readonly (readonly [string, string])[],
): readonly string[] {
  return Object.entries(expected).flatMap(([name, value]) => {
    const values = valuesOf(headers, name);
    const right = value === null ? values.length === 0 : values.length === 1 && values[0] === value;
    return right ? [] : [`${where} ${name}: ${JSON.stringify(values)} instead of ${JSON.stringify(value)}`];
  });
}

/** An edge has settled when this many answers in a row are right: the pods behind one address take turns. */
const inARow = 4;
const settleMs = 60_000;

/** Asks until the answer was right several times in a row. Gives what was wrong at the end; empty: nothing. */
export async function judge(driver: EdgeDriver, vector: Vector): Promise<readonly string[]> {
  const expected = vector.differs?.[driver.edge]?.expect ?? vector.expect;
  const deadline = Date.now() + settleMs;
  for (let right = 0; ; ) {
    const wrong = differences(expected, await driver.send(vector.request));
    right = wrong.length === 0 ? right + 1 : 0;
    if (right === inARow) return [];
    if (wrong.length > 0 && Date.now() > deadline) return wrong;
    if (wrong.length > 0) await sleep(250);
  }
}
