import type { BalancedNode, BalancedService } from '../../../local/loadbalancer/model.ts';

/** A Service that wants an address; a test states only what it is about. */
export function service(name: string, differences: Partial<BalancedService> = {}): BalancedService {
  return {
    namespace: 'shop',
    name,
    uid: `uid-${name}`,
    resourceVersion: '1',
    createdAt: '2026-01-01T00:00:00Z',
    wanted: true,
    ours: true,
    requestedAddress: undefined,
    ingress: [],
    ports: [{ protocol: 'TCP', port: 80, nodePort: 30080 }],
    local: false,
    healthCheckNodePort: undefined,
    sources: [],
    sticky: false,
    clientAddress: 'preserved',
    ...differences,
  };
}

/** A node that takes traffic. */
export function node(name: string, address: string, differences: Partial<BalancedNode> = {}): BalancedNode {
  return { name, address, ready: true, excluded: false, ...differences };
}
