import { afterEach, expect, test } from 'vitest';
import { createFindAddresses, type NameSources } from '../../../../controllers/gatekeeper/sidecar/names.ts';
import { type Record4, startNameServer } from './name-server.ts';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

const resolvConf = 'search ns.svc.cluster.local svc.cluster.local\nnameserver 192.0.2.1\noptions ndots:5 edns0\n';
const at = (address: string, ttl = 5): Record4 => ({ addresses: [address], ttl });

async function names(records: Readonly<Record<string, Record4>>, sources: NameSources = {}) {
  const server = await startNameServer(records);
  stops.push(server.stop);
  const find = createFindAddresses({ resolvConf, hosts: '', servers: [server.address], ...sources });
  return { find, server };
}

test('a name with few dots is sought along the search list first, in its order', async () => {
  const { find, server } = await names({ 'auth.other.svc.cluster.local': at('192.0.2.7') });
  expect(await find('Auth.other')).toEqual(['192.0.2.7']);
  expect(server.asked).toEqual(['auth.other.ns.svc.cluster.local', 'auth.other.svc.cluster.local']);
});

test('a name with enough dots, or a dot at its end, is asked for as it is', async () => {
  const { find, server } = await names({ 'a.b.c.d.e.f': at('192.0.2.1'), 'auth.test': at('192.0.2.2') });
  expect(await find('a.b.c.d.e.f')).toEqual(['192.0.2.1']);
  expect(await find('auth.test.')).toEqual(['192.0.2.2']);
  expect(server.asked).toEqual(['a.b.c.d.e.f', 'auth.test']);
});

test('a domain of the search list whose server fails does not hide the name itself', async () => {
  const { find } = await names({ 'auth.test.svc.cluster.local': { rcode: 2 }, 'auth.test': at('192.0.2.2') });
  expect(await find('auth.test')).toEqual(['192.0.2.2']);
});

test('a name that does not exist is told as absent, and asked for again after a second', async () => {
  let now = 0;
  const { find, server } = await names({}, { nowMs: () => now });
  await expect(find('gone.test.')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  await expect(find('gone.test.')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  expect(server.asked).toHaveLength(1);
  server.records.set('gone.test', at('192.0.2.3'));
  now = 1_000;
  expect(await find('gone.test.')).toEqual(['192.0.2.3']);
});

test('an address is kept as long as its record says, from 1 s to 30 s', async () => {
  let now = 0;
  const records = {
    'none.test': at('192.0.2.1', 0),
    'five.test': at('192.0.2.1', 5),
    'day.test': at('192.0.2.1', 86_400),
  };
  const { find, server } = await names(records, { nowMs: () => now });
  const askedAt = async (ms: number, name: string) => {
    now = ms;
    const before = server.asked.length;
    await find(name);
    return server.asked.length > before;
  };
  for (const [name, ms] of [
    ['none.test.', 1_000],
    ['five.test.', 5_000],
    ['day.test.', 30_000],
  ] as const) {
    expect([name, await askedAt(0, name), await askedAt(ms - 1, name), await askedAt(ms, name)]).toEqual([
      name,
      true,
      false,
      true,
    ]);
  }
});

test('many who ask for one name at once are one question', async () => {
  const { find, server } = await names({ 'auth.test': at('192.0.2.1') });
  await Promise.all(Array.from({ length: 100 }, () => find('auth.test.')));
  expect(server.asked).toEqual(['auth.test']);
});

test('the hosts file comes before every name server, and localhost needs neither', async () => {
  const { find, server } = await names({}, { hosts: '192.0.2.9 auth.test alias # words\n' });
  expect(await find('alias')).toEqual(['192.0.2.9']);
  expect(await find('localhost')).toEqual(['127.0.0.1', '::1']);
  expect(server.asked).toEqual([]);
});
