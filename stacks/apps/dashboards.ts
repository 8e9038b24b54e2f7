import { type Definition, defineRoutes } from '../../components/model/define.ts';

/**
 * Routes on a Service that a Helm release made: dashboards for those who hold the namespace's routing secret, and
 * its health check for everyone.
 *
 * @param host the host name the dashboards are reached by
 */
export function dashboards(host: string): readonly Definition[] {
  return [
    defineRoutes({
      name: 'dashboards',
      namespace: 'monitoring',
      owner: 'platform',
      service: { name: 'grafana', ports: { http: 80 } },
      protection: { apiKey: { secret: 'routing:api-key' } },
      routes: [
        { hosts: [host], websocket: true },
        {
          hosts: [host],
          paths: [{ exact: '/api/health' }],
          methods: ['GET', 'HEAD'],
          protection: { open: 'an uptime monitor outside asks it without a key' },
        },
      ],
    }),
  ];
}
