import { type Definition, defineApp } from '../../components/model/define.ts';

/** Port that every server of this system listens on, and that they know each other by. */
const http = { port: 8000, servicePort: 8000 } as const;

/** Where forward auth reads the token that passes. */
const tokenFile = '/etc/forward-auth/token';

const ready = { readiness: { check: { http: { path: '/healthz' } } } } as const;

/**
 * An admission service in two languages behind one host: `/pybackend` (Python) and `/rbackend` (R). Each asks
 * `forward-auth` before anything passes. The Python backend hands `/admission` on to the R backend, inside the
 * cluster and without asking again. The programs are in `examples/admission`; the token that passes is the key
 * `token` of the Secret `forward-auth`, which must exist in the namespace.
 *
 * @param host the host name both backends share
 */
export function admission(host: string): readonly Definition[] {
  const behindAuth = {
    forwardAuth: { app: 'forward-auth', path: '/auth', responseHeaders: ['Authorization', 'X-Auth-User'] },
  };
  return [
    defineApp({
      name: 'forward-auth',
      owner: 'admission',
      image: 'edgeplane.local/forward-auth:local',
      ports: { http },
      env: { TOKEN_FILE: tokenFile },
      files: { [tokenFile]: { secret: { name: 'forward-auth', key: 'token' } } },
      probes: ready,
    }),
    defineApp({
      name: 'pybackend',
      owner: 'admission',
      image: 'edgeplane.local/pybackend:local',
      ports: { http },
      env: { APP_PREFIX: 'Python Backend', RSERVE_HOST: 'rbackend', RSERVE_PORT: '8000' },
      probes: ready,
      protection: behindAuth,
      routes: [{ hosts: [host], paths: ['/pybackend'], rewrite: { stripPrefix: true } }],
    }),
    defineApp({
      name: 'rbackend',
      owner: 'admission',
      image: 'edgeplane.local/rbackend:local',
      ports: { http },
      env: { APP_PREFIX: 'R Backend' },
      volumes: { scratch: { empty: { sizeLimit: '16Mi' } } },
      mounts: { '/tmp': 'scratch' },
      resources: { memory: '256Mi' },
      probes: ready,
      callers: ['pybackend'],
      protection: behindAuth,
      routes: [{ hosts: [host], paths: ['/rbackend'], rewrite: { stripPrefix: true } }],
    }),
  ];
}
