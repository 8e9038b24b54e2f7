import type { IngressOptions } from '../../../components/dialects/nginx.ts';
import type { Asked } from './reading.ts';

/** Headers that some route to a Service has vouched for, in lower case, by `namespace/service`. */
export type Vouched = ReadonlyMap<string, ReadonlySet<string>>;

/** An app believes a header whichever of its routes a request came by, so what one of them vouches for follows the Service. */
export function vouchedByService(all: readonly Asked[]): Vouched {
  const names = new Map<string, Set<string>>();
  for (const asked of all) {
    const own = names.get(serviceKey(asked)) ?? new Set<string>();
    for (const name of vouchedBy(asked.options)) own.add(name);
    names.set(serviceKey(asked), own);
  }
  return names;
}

/** A redirect has no Service, and nobody to believe anything. */
function serviceKey({ ingress, backend }: Asked): string {
  return `${ingress.namespace}/${backend?.service ?? ''}`;
}

function vouchedBy(options: IngressOptions | null): readonly string[] {
  return options?.protection.kind === 'forwardAuth'
    ? options.protection.responseHeaders.map((name) => name.toLowerCase())
    : [];
}

/** What the author takes off, and what another route to the Service vouches for and this one does not. */
export function withoutForeignIdentity(asked: Asked, options: IngressOptions, vouched: Vouched): readonly string[] {
  const own = new Set(vouchedBy(options));
  const others = [...(vouched.get(serviceKey(asked)) ?? [])].filter((name) => !own.has(name));
  return [
    ...new Map([...others, ...options.removedHeaders].map((name) => [name.toLowerCase(), name])).values(),
  ].toSorted();
}
