import { type Definition, defineApp } from '../../components/model/define.ts';

/** Port that every server of this system listens on, and that they know each other by. */
const http = { port: 8000, servicePort: 8000 } as const;

/**
 * An admission service in two languages behind one host: `/pybackend` (Python) and `/rbackend` (R). Each asks
 * `forward-auth` before anything passes. The Python backend hands `/admission` on to the R backend, inside the
 * cluster and without asking again.
 *
 * @param host the host name both backends share
 */
export function admission(host: string): readonly Definition[] {
  const behindAuth = {
    forwardAuth: { app: 'forward-auth', path: '/auth', responseHeaders: ['Authorization'] },
  };
  return [
    defineApp({
      name: 'forward-auth',
      owner: 'admission',
      image: 'edgeplane.local/pybackend:local',
      args: ['forward_auth:app', '--host=0.0.0.0', '--port=8000'],
      ports: { http },
      probes: { readiness: { check: { tcp: {} } } },
    }),
    defineApp({
      name: 'pybackend',
      owner: 'admission',
      image: 'edgeplane.local/pybackend:local',
      args: ['main:app', '--host=0.0.0.0', '--port=8000'],
      ports: { http },
      env: { APP_PREFIX: 'Python Backend', RSERVE_HOST: 'rbackend', RSERVE_PORT: '8000' },
      probes: { readiness: { check: { http: { path: '/' } } } },
      protection: behindAuth,
      routes: [{ hosts: [host], paths: ['/pybackend'], rewrite: { stripPrefix: true } }],
    }),
    defineApp({
      name: 'rbackend',
      owner: 'admission',
      image: 'edgeplane.local/rbackend:local',
      ports: { http },
      env: { APP_PREFIX: 'R Backend' },
      probes: { readiness: { check: { http: { path: '/whoami' } } } },
      callers: ['pybackend'],
      protection: behindAuth,
      routes: [{ hosts: [host], paths: ['/rbackend'], rewrite: { stripPrefix: true } }],
    }),
  ];
}
