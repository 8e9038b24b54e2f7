import { dirname } from 'node:path';
import { apiKeyHeader } from '../../components/model/match.ts';
import type { Credential, Probe } from './probes.ts';

/** What the words about next steps need to know. */
export interface Deployed {
  readonly address: string;
  readonly kubeconfig: string;
  /** Path of the kubectl that fits the cluster. */
  readonly kubectl: string;
  readonly probes: readonly Probe[];
  /** The flags that say which stack and edge this is; empty for those of a call without flags. */
  readonly flags: readonly string[];
}

/** Lines to copy: a request without and with each kind of credential, and how to look closer. */
export function nextSteps({ address, kubeconfig, kubectl, probes, flags }: Deployed): readonly string[] {
  const tried = probes.filter(({ untried }) => untried === null);
  const open = tried.find(({ protection }) => protection === 'open');
  const keyed = oneOfEach(tried.filter(({ credential }) => credential !== null));
  return [
    'What to try next:',
    `  export KUBECONFIG=${kubeconfig}`,
    `  export PATH=${dirname(kubectl)}:$PATH`,
    ...(open === undefined ? [] : [`  ${curl(address, open)}`]),
    ...keyed.flatMap((probe) => [`  ${curl(address, probe)}`, `  ${curlWith(address, probe)}`]),
    '  kubectl get pods --all-namespaces',
    `  ${['npx edgeplane routes', ...flags].join(' ')}`,
    ...tried.slice(-1).map((probe) => `  ${explain(probe, flags)}`),
  ];
}

function explain({ method, scheme, host, target }: Probe, flags: readonly string[]): string {
  return ['npx edgeplane explain', ...flags, method, `${scheme}://${host}${target}`].join(' ');
}

function oneOfEach(probes: readonly Probe[]): readonly Probe[] {
  const kinds = new Map(probes.toReversed().map((probe) => [`${probe.protection} ${probe.credential?.kind}`, probe]));
  return [...kinds.values()].toReversed();
}

function curl(address: string, probe: Probe, flags = ''): string {
  const { scheme, host, target } = probe;
  const insecure = scheme === 'https' ? ' --insecure' : '';
  const resolve = `--resolve ${host}:${scheme === 'http' ? 80 : 443}:${address}`;
  return `curl -i${insecure}${flags} ${resolve} ${scheme}://${host}${target}`;
}

/** The value goes from kubectl to curl by a pipe: on a command line everybody on the machine could read it. */
function curlWith(address: string, probe: Probe): string {
  const { credential } = probe;
  if (credential === null) return curl(address, probe);
  if (credential.kind === 'token') return curl(address, probe, ` -H 'Authorization: Bearer ${credential.token}'`);
  return `${readHeader(credential)} | ${curl(address, probe, ' -H @-')}`;
}

function readHeader(credential: Exclude<Credential, { kind: 'token' }>): string {
  const get = `kubectl -n ${credential.namespace} get secret ${credential.secret} -o`;
  switch (credential.kind) {
    case 'apiKey':
      return `${get} go-template='${apiKeyHeader}: {{index .data "${credential.key}"}}'`;
    case 'bearer':
      return `${get} go-template='Authorization: Bearer {{index .data "${credential.key}" | base64decode}}'`;
    case 'basic':
      return `${get} go-template='{{.data.username | base64decode}}:{{.data.password | base64decode}}' | base64 -w0 | sed 's/^/Authorization: Basic /'`;
    default:
      return credential satisfies never;
  }
}
