import { type Definition, defineApp } from '../../components/model/define.ts';

const health = { http: { path: '/healthz', port: 8081 } } as const;

/**
 * Tools for those inside the company, in two namespaces: a console of the database, its maintenance behind the routing
 * secret of the namespace, and a page that says how everything is.
 *
 * @param domain the internal domain; the hosts are `db.` and `status.` below it
 */
export function internalTools(domain: string): readonly Definition[] {
  return [
    defineApp({
      name: 'db',
      namespace: 'data',
      owner: 'platform',
      image: 'edgeplane.local/echo:local',
      ports: { http: 8080 },
      env: { NAME: 'db' },
      probes: { readiness: { check: health } },
      routes: [
        { hosts: [`db.${domain}`], protection: { open: 'everybody on the private networks may look' } },
        {
          hosts: [`db.${domain}`],
          paths: ['/maintenance'],
          rewrite: { stripPrefix: true },
          protection: { apiKey: { secret: 'routing:api-key' } },
        },
      ],
    }),
    defineApp({
      name: 'status',
      namespace: 'operations',
      owner: 'platform',
      image: 'edgeplane.local/echo:local',
      ports: { http: 8080 },
      env: { NAME: 'status' },
      probes: { readiness: { check: health } },
      routes: [{ hosts: [`status.${domain}`], protection: { open: 'everybody on the private networks may look' } }],
    }),
  ];
}
