import { createHash } from 'node:crypto';
import type { Frontend, Server } from './model.ts';

/** Where a running haproxy keeps what it shares with its next incarnation. */
export interface HaproxyFiles {
  /** Unix socket of the worker: statistics, and the listening sockets for a seamless reload. Mode 0600. */
  readonly statsSocket: string;
  /** Which servers were up when the configuration was last changed. */
  readonly stateFile: string;
}

/** A configuration and the name it gives itself, by which a running haproxy tells which one it has. */
export interface HaproxyConfiguration {
  readonly text: string;
  readonly digest: string;
  readonly frontends: readonly Frontend[];
}

/**
 * Writes haproxy's configuration. Same frontends, same bytes.
 *
 * A server that fails its check twice in a row, or once right after it appeared, gets no new connection; its
 * open ones are left to end by themselves, so a draining pod finishes its answers. A connection that cannot be made
 * within 400 ms is tried on another server: all nodes are on this machine.
 */
export function encodeHaproxy(frontends: readonly Frontend[], files: HaproxyFiles): HaproxyConfiguration {
  const body = [defaults, ...frontends.map(encodeFrontend)].join('\n');
  const digest = createHash('sha256').update(body).digest('hex').slice(0, 16);
  return { digest, frontends, text: `${encodeGlobal(digest, files)}\n${body}` };
}

const section = (head: string, lines: readonly string[]) => `${[head, ...lines.map((l) => `  ${l}`)].join('\n')}\n`;

const encodeGlobal = (digest: string, files: HaproxyFiles) =>
  section('global', [
    `description ${digest}`,
    'maxconn 8000',
    'hard-stop-after 10m',
    `stats socket ${files.statsSocket} mode 600 level admin expose-fd listeners`,
    `server-state-file ${files.stateFile}`,
  ]);

const defaults = section('defaults', [
  'mode tcp',
  'option redispatch 1',
  'option tcp-smart-accept',
  'option clitcpka',
  'timeout connect 400ms',
  'timeout check 3s',
  'timeout client 10m',
  'timeout server 10m',
  'load-server-state-from-file global',
]);

function encodeFrontend(frontend: Frontend): string {
  const allowed = frontend.sources.join(' ');
  const front = section(`frontend ${frontend.name}`, [
    `bind ${frontend.address}:${frontend.port}`,
    ...(allowed === '' ? [] : [`tcp-request connection reject unless { src ${allowed} }`]),
    `default_backend ${frontend.name}`,
  ]);
  const back = section(`backend ${frontend.name}`, [
    `balance ${frontend.sticky ? 'source' : 'roundrobin'}`,
    ...(frontend.sticky ? ['hash-type consistent'] : []),
    // A server that has just appeared is tried before its first check: enough tries to find one that answers.
    `retries ${Math.max(3, frontend.servers.length)}`,
    'option httpchk GET /healthz',
    'http-check expect status 200',
    ...(frontend.clientAddress === 'preserved' ? ['source 0.0.0.0 usesrc clientip'] : []),
    ...frontend.servers.map((server) => encodeServer(server, frontend)),
  ]);
  return `${front}\n${back}`;
}

function encodeServer(server: Server, frontend: Frontend): string {
  const check = `check port ${frontend.healthPort} inter 1s fastinter 500ms fall 2 rise 1`;
  const proxy = frontend.clientAddress === 'proxyProtocol' ? ' send-proxy-v2' : '';
  return `server ${server.name} ${server.address}:${server.port} ${check}${proxy}`;
}

/** Columns of a row of `show servers state`, version 1 (haproxy's management guide, section 9.3). */
const column = { backend: 1, server: 3, address: 4, port: 18, checkPort: 21, agentPort: 24 } as const;

/**
 * What the next incarnation may take over of `show servers state`: the states of servers that are exactly the same.
 * haproxy prefers the ports of the file to those of its configuration, so a row of a Service that was made anew, or
 * that has another health check now, must not be in it.
 */
export function carryOver(states: string, frontends: readonly Frontend[]): string {
  const identity = (...parts: readonly (string | number | undefined)[]) => parts.join(' ');
  const same = new Set(
    frontends.flatMap(({ name, healthPort, servers }) =>
      servers.map((server) => identity(name, server.name, server.address, server.port, healthPort)),
    ),
  );
  const rows = states.split('\n').map((line) => line.split(' '));
  const kept = rows.filter((row) => {
    const of = (name: keyof typeof column) => row[column[name]];
    return same.has(identity(of('backend'), of('server'), of('address'), of('port'), of('checkPort')));
  });
  // Without an agent, an agent's port is only worth a warning for each server.
  const written = kept.map((row) => row.with(column.agentPort, '0').join(' '));
  return `${['1', ...written].join('\n')}\n`;
}
