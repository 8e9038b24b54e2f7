import { expect, test } from 'vitest';
import { aliasesIn, imageRef, pinImages } from '../../../local/images/reference.ts';

const built = [{ name: 'echo', reference: 'edgeplane.local/echo:0123' }];
const pod = (image: string) => ({ spec: { containers: [{ name: 'c', image, args: ['edgeplane.local/echo:local'] }] } });

test('an alias becomes the exact reference, so a rebuilt image changes the pod template', () => {
  expect(pinImages(pod('edgeplane.local/echo:local'), built)).toEqual(pod('edgeplane.local/echo:0123'));
});

test('an image of another registry, or one already exact, is left alone', () => {
  for (const image of ['registry.example/echo:local', 'edgeplane.local/echo:0123', 'echo']) {
    expect(pinImages(pod(image), built)).toEqual(pod(image));
  }
});

test('the aliases of a list of objects are found once each', () => {
  const objects = [
    pod('edgeplane.local/echo:local'),
    pod('edgeplane.local/app:local'),
    pod('edgeplane.local/app:local'),
  ];
  expect(aliasesIn(objects)).toEqual(['app', 'echo']);
});

test('an alias that was not built is an error that lists what was', () => {
  expect(() => pinImages(pod('edgeplane.local/other:local'), built)).toThrow(
    /other:local: not built.*found only: echo/,
  );
  expect(() => imageRef([], 'other')).toThrow(/found only: none/);
});
