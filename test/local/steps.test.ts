import { expect, test } from 'vitest';
import { orderProblems, runSteps, type Step, type StepRunner } from '../../local/steps.ts';

const step = (name: string, needs: readonly string[] = [], run = async () => {}, done = false): Step => ({
  name,
  needs,
  done: async () => done,
  run,
});

function recorder(): { readonly events: string[]; readonly runner: StepRunner } {
  const events: string[] = [];
  const controller = new AbortController();
  const around = async (current: Step, work: () => Promise<void>) => {
    events.push(`${current.name} begins`);
    await work();
    events.push(`${current.name} ends`);
  };
  return { events, runner: { around, signal: controller.signal, abort: (reason) => controller.abort(reason) } };
}

test('a step begins when those it needs have ended, in whatever order they are listed', async () => {
  const { events, runner } = recorder();
  await runSteps([step('roof', ['walls']), step('walls', ['ground']), step('ground')], runner);
  expect(events).toEqual(['ground', 'walls', 'roof'].flatMap((name) => [`${name} begins`, `${name} ends`]));
});

test('steps that do not need each other run at the same time', async () => {
  const { runner } = recorder();
  const waiting: (() => void)[] = [];
  const meet = () =>
    new Promise<void>((resolve) => (waiting.push(resolve) === 2 ? waiting.map((go) => go()) : undefined));
  await runSteps([step('a', [], meet), step('b', [], meet)], runner);
  expect(waiting).toHaveLength(2);
});

test('a step that is done is not run, and those after it are', async () => {
  const { events, runner } = recorder();
  await runSteps([step('a', [], undefined, true), step('b', ['a'])], runner);
  expect(events).toEqual(['b begins', 'b ends']);
});

test('after a failure nothing that needs it begins, others are told to stop, and its reason is given', async () => {
  const { events, runner } = recorder();
  const fail = () => Promise.reject(new Error('no ground'));
  const beside = () => new Promise<void>((resolve) => runner.signal.addEventListener('abort', () => resolve()));
  const steps = [step('ground', [], fail), step('walls', ['ground']), step('beside', [], beside)];
  await expect(runSteps(steps, runner)).rejects.toThrow('no ground');
  expect(events.toSorted()).toEqual(['beside begins', 'beside ends', 'ground begins']);
});

test('a step that nobody provides and steps in a circle are found before anything runs', async () => {
  const steps = [step('a', ['b']), step('b', ['a']), step('c', ['z'])];
  expect(orderProblems(steps)).toEqual(['step c needs z, which is no step', 'steps in a circle: a, b']);
  const { events, runner } = recorder();
  await expect(runSteps(steps, runner)).rejects.toThrow('which is no step');
  expect(events).toEqual([]);
});
