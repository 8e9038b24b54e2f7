import { access as canRead } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { kubeconfigAccess, podAccess } from '../loop/access.ts';
import { systemClock } from '../loop/clock.ts';
import { untilSignal } from '../loop/program.ts';
import { describeConfiguration, invalidConfiguration, readConfiguration } from './configuration.ts';
import { startMock } from './mock.ts';
import { startRouter } from './program.ts';

/** Where a router is that is told nothing else: the folders of a pod. */
const usualPlaces = {
  /** Outlives a restart of the container. */
  STATE_FOLDER: '/var/lib/edgeplane-router',
  SERVICE_ACCOUNT_FOLDER: '/var/run/secrets/kubernetes.io/serviceaccount',
  /** Debian's. */
  NGINX: '/usr/sbin/nginx',
} as const;

/** Runs until SIGTERM or SIGINT has drained it. Exit code 2: wrong configuration; 3: it could not start or stop. */
async function main(environment: NodeJS.ProcessEnv): Promise<number> {
  const read = readConfiguration(environment);
  if (!read.ok) {
    process.stderr.write(`${invalidConfiguration(read.problems)}\n`);
    return 2;
  }
  const { configuration } = read;
  const place = (name: keyof typeof usualPlaces) => environment[name] || usualPlaces[name];
  process.stderr.write(`${describeConfiguration(configuration).join('\n')}\n`);
  const account = place('SERVICE_ACCOUNT_FOLDER');
  const inCluster = await canRead(join(account, 'token')).then(
    () => true,
    () => false,
  );
  const folder = place('STATE_FOLDER');
  const clock = systemClock;
  return untilSignal(async (log) => {
    if (inCluster) {
      const access = podAccess(environment, account);
      const nginx = { binary: place('NGINX') };
      const router = await startRouter(configuration, { access, folder, instance: hostname(), clock, log, nginx });
      return router.drain;
    }
    // As the original: whoever runs it by hand sees what it would serve, and nothing is touched.
    const access = await kubeconfigAccess(environment.KUBECONFIG || join(homedir(), '.kube', 'config'));
    return startMock(configuration, { access, folder, clock, log, print: (text) => process.stdout.write(text) });
  });
}

main(process.env).then(
  (code) => process.exit(code),
  () => process.exit(3),
);
