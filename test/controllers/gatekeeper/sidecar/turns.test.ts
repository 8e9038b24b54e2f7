import { expect, test } from 'vitest';
import { createTurns } from '../../../../controllers/gatekeeper/sidecar/turns.ts';

const never = new AbortController().signal;

function held() {
  let release: () => void = () => {};
  const work = new Promise<'done'>((resolve) => {
    release = () => resolve('done');
  });
  return { work: () => work, release };
}

test('beyond the bound and the queue the answer is "busy" at once, for this service alone', async () => {
  const takeTurn = createTurns({ asking: 1, waiting: 1 });
  const slow = held();
  const first = takeTurn('slow', never, slow.work);
  const second = takeTurn('slow', never, async () => 'second');
  expect(await takeTurn('slow', never, async () => 'third')).toBe('busy');
  expect(await takeTurn('healthy', never, async () => 'answered')).toBe('answered');
  slow.release();
  expect(await Promise.all([first, second])).toEqual(['done', 'second']);
  expect(await takeTurn('slow', never, async () => 'again')).toBe('again');
});

test('who leaves the queue makes room and is never begun', async () => {
  const takeTurn = createTurns({ asking: 1, waiting: 1 });
  const [slow, leaving] = [held(), new AbortController()];
  const first = takeTurn('slow', never, slow.work);
  let begun = false;
  const left = takeTurn('slow', leaving.signal, async () => {
    begun = true;
  });
  leaving.abort();
  expect(await left).toBe('gone');
  const next = takeTurn('slow', never, async () => 'next');
  slow.release();
  expect(await Promise.all([first, next])).toEqual(['done', 'next']);
  expect(begun).toBe(false);
});

test('work that fails gives its turn back', async () => {
  const takeTurn = createTurns({ asking: 1, waiting: 0 });
  const failing = async () => {
    throw new Error('failed');
  };
  await expect(takeTurn('a', never, failing)).rejects.toThrow('failed');
  expect(await takeTurn('a', never, async () => 'done')).toBe('done');
});
