import { type Definition, defineApp } from '../../components/model/define.ts';

/** Both listen on 8080, and so do their Services. */
const http = { port: 8080, servicePort: 8080 } as const;
const open = { open: 'the welcome page of a web server' } as const;
const ready = { readiness: { check: { http: { path: '/' } } } } as const;

/**
 * Two web servers behind one door, from Debian's packages: Apache httpd and Tomcat, two pods each. `/httpd` and
 * `/tomcat` lead to their roots on the shared host and, by rules without host, on any host nobody names; each has a
 * virtual host of its own; httpd is the default backend. Their configurations are in `examples/ingress`.
 *
 * @param host the host both share; the virtual hosts are below it
 */
export function webServers(host: string): readonly Definition[] {
  return [
    defineApp({
      name: 'httpd',
      owner: 'platform',
      image: 'edgeplane.local/httpd:local',
      ports: { http },
      replicas: 2,
      probes: ready,
      protection: open,
      routes: [
        { hosts: [host], paths: ['/httpd'], rewrite: { stripPrefix: true } },
        { paths: ['/httpd'], rewrite: { stripPrefix: true } },
        { hosts: [`httpd.${host}`] },
        { name: 'default-backend' },
      ],
    }),
    defineApp({
      name: 'tomcat',
      owner: 'platform',
      image: 'edgeplane.local/tomcat:local',
      ports: { http },
      replicas: 2,
      // A Java machine takes its time on a busy node.
      probes: { ...ready, startup: { check: { tcp: {} } } },
      resources: { memory: '256Mi' },
      protection: open,
      routes: [
        { hosts: [host], paths: ['/tomcat'], rewrite: { stripPrefix: true } },
        { paths: ['/tomcat'], rewrite: { stripPrefix: true } },
        { hosts: [`tomcat.${host}`] },
      ],
    }),
  ];
}
