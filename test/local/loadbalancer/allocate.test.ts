import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allocate } from '../../../local/loadbalancer/allocate.ts';
import type { BalancedService } from '../../../local/loadbalancer/model.ts';
import { service } from './service.ts';

const pool = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];
const held = (ip: string) => [{ ip, ipMode: 'VIP' }];
const given = (services: readonly BalancedService[], from = pool) =>
  Object.fromEntries(
    [...allocate(services, from)].map(([key, result]) => [
      key,
      result.kind === 'address' ? result.address : result.message,
    ]),
  );

test('the first free address goes to the oldest Service that has none', () => {
  const young = service('a', { createdAt: '2026-02-01T00:00:00Z' });
  expect(given([young, service('b')])).toEqual({ 'shop/b': '10.0.0.1', 'shop/a': '10.0.0.2' });
});

test('an address once given is kept when an older Service arrives', () => {
  const old = service('a', { createdAt: '2020-01-01T00:00:00Z' });
  expect(given([old, service('b', { ingress: held('10.0.0.1') })])).toEqual({
    'shop/b': '10.0.0.1',
    'shop/a': '10.0.0.2',
  });
});

test('an address of the status that is outside the pool is not kept', () => {
  expect(given([service('a', { ingress: held('192.0.2.1') })])).toEqual({ 'shop/a': '10.0.0.1' });
});

test('a static address is honoured, before others take the free ones', () => {
  const fixed = service('z', { requestedAddress: '10.0.0.1' });
  expect(given([service('a'), fixed])).toEqual({ 'shop/z': '10.0.0.1', 'shop/a': '10.0.0.2' });
});

test('a Service that asks for another address than it holds gets that one', () => {
  const moved = service('a', { ingress: held('10.0.0.1'), requestedAddress: '10.0.0.3' });
  expect(given([moved])).toEqual({ 'shop/a': '10.0.0.3' });
});

test('a static address outside the pool is refused with the range to choose from', () => {
  expect(given([service('a', { requestedAddress: '10.9.9.9' })])).toEqual({
    'shop/a': 'address 10.9.9.9 is outside the pool; choose one from 10.0.0.1 to 10.0.0.3',
  });
});

test('a static address in use is refused with the name of its holder', () => {
  const holder = service('a', { ingress: held('10.0.0.1') });
  expect(given([holder, service('b', { requestedAddress: '10.0.0.1' })])['shop/b']).toMatch(/in use by shop\/a/);
});

test('two Services whose statuses name one address: the older keeps it', () => {
  const [a, b] = ['a', 'b'].map((name) => service(name, { ingress: held('10.0.0.2') }));
  expect(given([b!, a!])).toEqual({ 'shop/a': '10.0.0.2', 'shop/b': '10.0.0.1' });
});

test('an empty pool refuses and says why', () => {
  expect(given([service('a'), service('b')], ['10.0.0.1'])['shop/b']).toMatch(/all 1 addresses of the pool are in use/);
});

test('a Service that wants none gets none', () => {
  expect(given([service('a', { wanted: false, ingress: held('10.0.0.1') })])).toEqual({});
});

const anyService = fc
  .record({
    ingress: fc.constantFrom([], ...[...pool, '192.0.2.1'].map(held)),
    requestedAddress: fc.constantFrom(undefined, ...pool, '192.0.2.1'),
    createdAt: fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
    wanted: fc.boolean(),
  })
  .map((differences) => differences);

test('whatever the history: no address twice, none outside the pool, and the same again once statuses are written', () => {
  fc.assert(
    fc.property(fc.array(anyService, { maxLength: 6 }), (all) => {
      const services = all.map((differences, index) => service(`s${index}`, differences));
      const first = allocate(services, pool);
      const addresses = [...first.values()].flatMap((result) => (result.kind === 'address' ? [result.address] : []));
      expect(new Set(addresses).size).toBe(addresses.length);
      expect(addresses.every((address) => pool.includes(address))).toBe(true);
      const written = services.map((one) => {
        const result = first.get(`shop/${one.name}`);
        return { ...one, ingress: result?.kind === 'address' ? held(result.address) : [] };
      });
      expect([...allocate(written, pool)].toSorted()).toEqual([...first].toSorted());
    }),
  );
});
