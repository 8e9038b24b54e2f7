import { type Definition, defineApp } from '../../components/model/define.ts';

const shared = {
  owner: 'platform',
  image: 'edgeplane.local/echo:local',
  ports: { http: 3000 },
  probes: { readiness: { check: { http: { path: '/healthz', port: 8081 } } } },
} as const;
const args = (name: string) => [`-name=${name}`, '-listen=:3000'];

/**
 * An app that a pod router finds by annotations on its pods, open to everyone.
 *
 * @param domain below which its host is
 */
export function nodejsEnv(domain: string): readonly Definition[] {
  return [
    defineApp({
      ...shared,
      name: 'nodejs-env',
      args: args('nodejs-env'),
      protection: { open: 'shows a caller nothing but the own request' },
      routes: [{ hosts: [`test.${domain}`], paths: ['/nodejs'], websocket: true }],
    }),
  ];
}

/**
 * An app with a path on the public door and one on the private door, on hosts of their own. Each door has a key in the
 * Secret `routing` of its namespace, `public-api-key` and `private-api-key`; where that Secret is, both have to be.
 *
 * @param domain below which the public host is
 * @param internal below which the host of the private door is
 */
export function twoDoors(domain: string, internal: string): readonly Definition[] {
  return [
    defineApp({
      ...shared,
      name: 'two-doors',
      args: args('two-doors'),
      routes: [
        {
          hosts: [`two.${domain}`],
          paths: ['/public'],
          protection: { apiKey: { secret: 'routing:public-api-key' } },
        },
        {
          hosts: [`two.${internal}`],
          paths: ['/internal'],
          audience: 'private',
          protection: { apiKey: { secret: 'routing:private-api-key' } },
        },
      ],
    }),
  ];
}
