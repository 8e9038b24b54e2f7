import { expect, test } from 'vitest';
import { carryOver, encodeHaproxy } from '../../../local/loadbalancer/haproxy.ts';
import type { Frontend } from '../../../local/loadbalancer/model.ts';
import { poolAddresses } from '../../../local/loadbalancer/router.ts';

const files = { statsSocket: '/run/x/stats.sock', stateFile: '/run/x/servers.state' };
const frontend = (differences: Partial<Frontend> = {}): Frontend => ({
  name: 'shop.web.80',
  address: '10.0.0.1',
  port: 80,
  sources: [],
  clientAddress: 'preserved',
  sticky: false,
  healthPort: 10256,
  servers: [{ name: 'edge-1', address: '10.1.0.1', port: 30080 }],
  ...differences,
});
const textOf = (...frontends: Frontend[]) => encodeHaproxy(frontends, files).text;

test('a preserved frontend, whole', () => {
  expect(textOf(frontend())).toMatchInlineSnapshot(`
    "global
      description 2292e28c68c32c8a
      maxconn 8000
      hard-stop-after 10m
      stats socket /run/x/stats.sock mode 600 level admin expose-fd listeners
      server-state-file /run/x/servers.state

    defaults
      mode tcp
      option redispatch 1
      option tcp-smart-accept
      option clitcpka
      timeout connect 400ms
      timeout check 3s
      timeout client 10m
      timeout server 10m
      load-server-state-from-file global

    frontend shop.web.80
      bind 10.0.0.1:80
      default_backend shop.web.80

    backend shop.web.80
      balance roundrobin
      retries 3
      option httpchk GET /healthz
      http-check expect status 200
      source 0.0.0.0 usesrc clientip
      server edge-1 10.1.0.1:30080 check port 10256 inter 1s fastinter 500ms fall 2 rise 1
    "
  `);
});

test('the PROXY protocol is sent to the nodes, and the connection then comes from the router itself', () => {
  const text = textOf(frontend({ clientAddress: 'proxyProtocol' }));
  expect(text).toContain(
    'server edge-1 10.1.0.1:30080 check port 10256 inter 1s fastinter 500ms fall 2 rise 1 send-proxy-v2',
  );
  expect(text).not.toContain('usesrc');
});

test('source ranges refuse everybody else before a server is chosen', () => {
  const text = textOf(frontend({ sources: ['10.0.0.0/8', '192.0.2.0/24'] }));
  expect(text).toContain('tcp-request connection reject unless { src 10.0.0.0/8 192.0.2.0/24 }');
});

test('session affinity chooses the node by the client address, and moves as few as possible when nodes change', () => {
  expect(textOf(frontend({ sticky: true }))).toMatch(/balance source\n {2}hash-type consistent/);
});

test('same frontends, same bytes; another server, another digest', () => {
  expect(encodeHaproxy([frontend()], files)).toEqual(encodeHaproxy([frontend()], files));
  expect(encodeHaproxy([frontend({ servers: [] })], files).digest).not.toBe(encodeHaproxy([frontend()], files).digest);
});

test('a running haproxy can tell its configuration by the digest', () => {
  const { text, digest } = encodeHaproxy([frontend()], files);
  expect(text).toContain(`description ${digest}\n`);
});

test("the router's own address is never taken for one of the pool", () => {
  const json = JSON.stringify([{ addr_info: [{ local: '10.0.0.2' }, { local: '10.0.0.9' }, { local: '10.0.0.5' }] }]);
  expect(poolAddresses(json, ['10.0.0.5', '10.0.0.9'])).toEqual(['10.0.0.5', '10.0.0.9']);
});

const stateRow = (port: number, checkPort: number) =>
  `3 shop.web.80 1 edge-1 10.1.0.1 0 0 1 1 17 15 3 0 6 0 0 0 - ${port} - 0 ${checkPort} - - ${checkPort}`;

test('a server that is the same keeps its state over a reload, without the port of an agent', () => {
  const states = `1\n# be_id be_name\n${stateRow(30080, 10256)}\n\n`;
  expect(carryOver(states, [frontend()])).toBe(`1\n${stateRow(30080, 10256).replace(/\d+$/, '0')}\n`);
});

test('a server whose port or health check has changed starts anew: haproxy would keep the old ports', () => {
  expect(carryOver(stateRow(30081, 10256), [frontend()])).toBe('1\n');
  expect(carryOver(stateRow(30080, 31000), [frontend()])).toBe('1\n');
  expect(carryOver(stateRow(30080, 10256), [])).toBe('1\n');
  expect(carryOver('', [frontend()])).toBe('1\n');
});
