import { type BalancedService, serviceKey } from './model.ts';

/** The address of a Service, or why it has none. */
export type Allocation =
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'refused'; readonly message: string };

/**
 * Gives each wanted Service an address of the pool.
 *
 * An address once written to a status is kept. A static one goes to whoever holds it, else to the oldest Service that
 * asks; it must be of the pool. The others get the first free one, oldest first. Same input, same addresses.
 * @returns by `namespace/name`
 */
export function allocate(
  services: readonly BalancedService[],
  pool: readonly string[],
): ReadonlyMap<string, Allocation> {
  const wanted = services.filter((service) => service.wanted).toSorted(byAge);
  const given = new Map<string, Allocation>();
  const taken = new Map<string, BalancedService>();
  const give = (service: BalancedService, address: string) => {
    taken.set(address, service);
    given.set(serviceKey(service), { kind: 'address', address });
  };
  const refuse = (service: BalancedService, message: string) =>
    given.set(serviceKey(service), { kind: 'refused', message });

  for (const service of wanted) {
    const held = heldAddress(service);
    if (held !== undefined && pool.includes(held) && !taken.has(held)) give(service, held);
  }
  const waiting = wanted.filter((service) => !given.has(serviceKey(service)));
  for (const service of waiting.filter((one) => one.requestedAddress !== undefined)) {
    const address = service.requestedAddress ?? '';
    const holder = taken.get(address);
    if (!pool.includes(address)) refuse(service, outsidePool(address, pool));
    else if (holder) refuse(service, `address ${address} is in use by ${serviceKey(holder)}; ask for another one`);
    else give(service, address);
  }
  for (const service of waiting.filter((one) => one.requestedAddress === undefined)) {
    const free = pool.find((address) => !taken.has(address));
    if (free === undefined) refuse(service, `all ${pool.length} addresses of the pool are in use; delete a Service`);
    else give(service, free);
  }
  return given;
}

const byAge = (a: BalancedService, b: BalancedService) =>
  compare(a.createdAt, b.createdAt) || compare(serviceKey(a), serviceKey(b));

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));

/** What the status says, unless the Service has asked for another address since. */
function heldAddress(service: BalancedService): string | undefined {
  const held = service.ingress[0]?.ip;
  return service.requestedAddress === undefined || service.requestedAddress === held ? held : undefined;
}

const outsidePool = (address: string, pool: readonly string[]) =>
  `address ${address} is outside the pool; choose one from ${pool[0] ?? 'nothing'} to ${pool.at(-1) ?? 'nothing'}`;
