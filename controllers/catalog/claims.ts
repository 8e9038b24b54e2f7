import type { TraefikTag } from '../../components/dialects/traefik-tags.ts';
import { traefikName } from './names.ts';

/** Names in Traefik that the tags of one Service define or take, case folded, each told as people know it. */
export function claimsOf(consulName: string, tags: readonly TraefikTag[]): readonly string[] {
  const own = traefikName(consulName).toLowerCase();
  // Traefik joins Consul services whose names differ in punctuation alone.
  const claims = new Set([`the name ${own}`]);
  for (const { key } of tags) {
    const [, protocol, kind, name] = definition.exec(key.toLowerCase()) ?? [];
    if (protocol !== undefined && kind !== undefined && name !== undefined) {
      claims.add(`the ${protocol} ${singular[kind] ?? kind} ${name}`);
    }
  }
  for (const protocol of protocolsOf(tags)) {
    const has = (kind: string) => tags.some(({ key }) => key.toLowerCase().startsWith(`${protocol}.${kind}.`));
    if (!has('services')) claims.add(`the ${protocol} service ${own}`);
    if (!has('routers')) claims.add(`the ${protocol} router ${own}`);
  }
  return [...claims].toSorted();
}

const definition = /^(http|tcp|udp)\.(routers|services|middlewares|serverstransports)\.([^.]+)\./;

const singular: Readonly<Record<string, string>> = {
  routers: 'router',
  services: 'service',
  middlewares: 'middleware',
  serverstransports: 'servers transport',
};

/** Those that tags define something for; http when they define nothing. */
function protocolsOf(tags: readonly TraefikTag[]): readonly string[] {
  const found = ['http', 'tcp', 'udp'].filter((protocol) =>
    tags.some(({ key }) => key.toLowerCase().startsWith(`${protocol}.`)),
  );
  return found.length === 0 ? ['http'] : found;
}
