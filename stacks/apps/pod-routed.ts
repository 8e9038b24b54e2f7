import { type Definition, defineApp } from '../../components/model/define.ts';

const shared = {
  owner: 'platform',
  image: 'edgeplane.local/echo:local',
  ports: { http: 3000 },
  probes: { readiness: { check: { http: { path: '/healthz', port: 8081 } } } },
} as const;
const open = { open: 'shows a caller nothing but the own request' } as const;
/** The key that callers at the private door show. */
const privateKey = { apiKey: { secret: 'routing:private-api-key' } } as const;

/**
 * Apps that a pod router finds by annotations on their pods: `nodejs-env` on the public door alone, and one that has a
 * public path and an internal one, on hosts of their own. Callers of the internal one show the key
 * `private-api-key` of the Secret `routing` of its namespace.
 *
 * @param domain below which the public hosts are
 * @param internal below which the hosts of the private door are
 */
export function podRouted(domain: string, internal: string): readonly Definition[] {
  const args = (name: string) => [`-name=${name}`, '-listen=:3000'];
  return [
    defineApp({
      ...shared,
      name: 'nodejs-env',
      args: args('nodejs-env'),
      protection: open,
      routes: [{ hosts: [`test.${domain}`], paths: ['/nodejs'], websocket: true }],
    }),
    defineApp({
      ...shared,
      name: 'two-doors',
      args: args('two-doors'),
      routes: [
        { hosts: [`two.${domain}`], paths: ['/public'], protection: open },
        { hosts: [`two.${internal}`], paths: ['/internal'], audience: 'private', protection: privateKey },
      ],
    }),
  ];
}
