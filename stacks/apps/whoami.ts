import { type Definition, defineApp } from '../../components/model/define.ts';

const health = { http: { path: '/healthz', port: 8081 } } as const;

/**
 * The smallest system worth running: `whoami` answers with the request as it arrived, open at `/`, and at `/private`
 * only for those whom `gate` lets pass. `gate` takes `Authorization: Bearer good`.
 *
 * @param host the host name it is reached by
 */
export function whoami(host: string): readonly Definition[] {
  return [
    defineApp({
      name: 'gate',
      owner: 'platform',
      image: 'edgeplane.local/echo:local',
      args: ['-auth'],
      ports: { http: 8080 },
      probes: { readiness: { check: health } },
    }),
    defineApp({
      name: 'whoami',
      owner: 'platform',
      image: 'edgeplane.local/echo:local',
      ports: { http: 8080 },
      env: { NAME: 'whoami' },
      probes: { readiness: { check: health }, liveness: { check: { tcp: {} } } },
      routes: [
        { hosts: [host], protection: { open: 'shows a caller nothing but the own request' } },
        {
          hosts: [host],
          paths: ['/private'],
          rewrite: { stripPrefix: true },
          protection: { forwardAuth: { app: 'gate', responseHeaders: ['X-Auth-User', 'X-Auth-Groups'] } },
        },
      ],
    }),
  ];
}
