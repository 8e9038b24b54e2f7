import { type Definition, defineApp } from '../../components/model/define.ts';

/**
 * An app for callers who hold the routing key of its namespace: the key `api-key` of the Secret `routing`, which the
 * gatekeeper compares. Its health is for everyone.
 *
 * @param host the host name it is reached by
 */
export function reports(host: string): readonly Definition[] {
  return [
    defineApp({
      name: 'reports',
      owner: 'platform',
      image: 'edgeplane.local/echo:local',
      ports: { http: 8080 },
      env: { NAME: 'reports' },
      probes: { readiness: { check: { http: { path: '/healthz', port: 8081 } } } },
      protection: { apiKey: {} },
      routes: [
        { hosts: [host] },
        {
          name: 'health',
          hosts: [host],
          paths: [{ exact: '/health' }],
          methods: ['GET', 'HEAD'],
          protection: { open: 'an uptime monitor asks it without a key' },
        },
      ],
    }),
  ];
}
