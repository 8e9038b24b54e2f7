import { run } from '../command.ts';

// These run inside the router's network namespace, which the process that calls them has entered.

/** The router's link to the outside network. */
const outsideLink = 'out0';

/** Packets of haproxy's own transparent connections carry this mark and are routed by this table. */
const returnMark = '0x1';
const returnTable = '100';

/**
 * The mangle table of the router, whole: what a node answers to a connection that carries a client's address goes to
 * haproxy, which owns that connection, and not on to the client.
 */
const returnPathRules = `*mangle
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -p tcp -m socket --transparent -j MARK --set-mark ${returnMark}
COMMIT
`;

/** Makes the return path of transparent connections. Repeating it changes nothing. */
export async function ensureReturnPath(): Promise<void> {
  await run('iptables-restore', ['--wait', '5'], { input: returnPathRules });
  await run('ip', ['route', 'replace', 'local', 'default', 'dev', 'lo', 'table', returnTable]);
  const rules = await run('ip', ['rule', 'show', 'fwmark', returnMark]);
  if (!rules.includes(`lookup ${returnTable}`)) {
    await run('ip', ['rule', 'add', 'fwmark', returnMark, 'lookup', returnTable]);
  }
}

/** The addresses of the pool that the router answers for now. */
export async function presentAddresses(pool: readonly string[]): Promise<readonly string[]> {
  return poolAddresses(await run('ip', ['-j', '-4', 'addr', 'show', 'dev', outsideLink]), pool);
}

/** Those addresses in the output of `ip -j addr` that are of the pool, sorted. */
export function poolAddresses(json: string, pool: readonly string[]): readonly string[] {
  const links = JSON.parse(json) as readonly { readonly addr_info?: readonly { readonly local?: string }[] }[];
  const all = links.flatMap((link) => (link.addr_info ?? []).flatMap((info) => info.local ?? []));
  return all.filter((address) => pool.includes(address)).toSorted();
}

/** Answers for these addresses too. */
export async function addAddresses(addresses: readonly string[]): Promise<void> {
  for (const address of addresses) await run('ip', ['addr', 'replace', `${address}/32`, 'dev', outsideLink]);
}

/** Answers for these addresses no more. */
export async function removeAddresses(addresses: readonly string[]): Promise<void> {
  for (const address of addresses) await run('ip', ['addr', 'del', `${address}/32`, 'dev', outsideLink]);
}
