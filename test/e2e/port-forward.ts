import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { SharedCluster } from './cluster.ts';

/** A port of a pod on this machine, as an operator gets it; `close` ends it. */
export interface ForwardedPort {
  readonly origin: string;
  readonly close: () => void;
}

/** `kubectl port-forward` to a pod of a namespace. */
export async function forwardPort(
  { tools, paths }: Pick<SharedCluster, 'tools' | 'paths'>,
  namespace: string,
  pod: string,
  port: number,
): Promise<ForwardedPort> {
  const words = ['-n', namespace, 'port-forward', `pod/${pod}`, `:${port}`];
  const child = spawn(tools.kubectl, [`--kubeconfig=${paths.kubeconfig}`, ...words]);
  let line = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    line += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    line += text;
  });
  await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
  const local = /127\.0\.0\.1:(\d+)/.exec(line)?.[1];
  if (local === undefined) throw new Error(`port-forward of ${pod}: found ${line}, expected the port it listens on`);
  return { origin: `http://127.0.0.1:${local}`, close: () => child.kill() };
}
