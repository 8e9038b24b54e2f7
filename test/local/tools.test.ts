import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { buildFlags, clusterTools, kubernetesVersion, toolPins } from '../../local/tools/pins.ts';
import { buildEnvironment, readGoVersion, type ToolInputs, toolKey } from '../../local/tools.ts';

const inputs: ToolInputs = {
  pin: toolPins.kubelet,
  goMod: 'module a',
  goSum: 'h1:x',
  flags: buildFlags,
  goVersion: 'go1.26.8 linux/amd64',
};

test('the same inputs have the same key', () => {
  expect(toolKey(inputs)).toBe(toolKey({ ...inputs }));
  expect(toolKey(inputs)).toMatch(/^[0-9a-f]{20}$/);
});

test.each<[string, Partial<ToolInputs>]>([
  ['the program', { pin: toolPins['kube-proxy'] }],
  ['go.mod', { goMod: 'module b' }],
  ['go.sum', { goSum: 'h1:y' }],
  ['the flags', { flags: [] }],
  ['the compiler', { goVersion: 'go1.26.9 linux/amd64' }],
  ['the processor', { goVersion: 'go1.26.8 linux/arm64' }],
])('another key when %s differs', (_what, other) => {
  expect(toolKey({ ...inputs, ...other })).not.toBe(toolKey(inputs));
});

test.each(['go1.26', 'go1.26.8', 'go1.27rc1', 'go2.0'])('%s is new enough', (version) => {
  expect(readGoVersion(`go version ${version} linux/amd64\n`)).toEqual({ version: `${version} linux/amd64` });
});

test.each(['go1.25.9', 'go1.4', 'go0.9'])('%s is too old, and what is needed is said', (version) => {
  expect(readGoVersion(`go version ${version} linux/amd64`)).toEqual({
    problem: `found ${version}; Go 1.26 or newer is needed. Get it from https://go.dev/dl/`,
  });
});

test('without Go it is said where to get it', () => {
  expect(readGoVersion('')).toEqual({ problem: expect.stringMatching(/no Go found in PATH.*go\.dev/) });
});

test('no setting of the user weakens the verification of checksums', () => {
  const env = buildEnvironment({
    PATH: '/bin',
    GOPROXY: 'https://proxy.example',
    GOFLAGS: '-mod=mod -insecure',
    GONOSUMDB: '*',
    GOINSECURE: '*',
    GOPRIVATE: '*',
    GOWORK: '/elsewhere/go.work',
  });
  expect(env).toEqual({ PATH: '/bin', GOPROXY: 'https://proxy.example', CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '' });
  expect(buildFlags).toContain('-mod=readonly');
});

test('every tool is pinned by a module with checksums, at the version that it reports', () => {
  for (const { module, package: path } of Object.values(toolPins)) {
    const file = (name: string) => readFileSync(`local/tools/${module}/${name}`, 'utf8');
    const owner = path.replace(/\/cmd\/.*$/, '');
    const version = new RegExp(`${owner} (v\\S+)`).exec(file('go.mod'))?.[1];
    expect(version).toMatch(/^v\d+\.\d+\.\d+$/);
    expect(file('go.sum')).toContain(`${owner} ${version} h1:`);
    if (module === 'kubernetes') expect(version).toBe(kubernetesVersion);
  }
});

test('Consul is built only when it is asked for', () => {
  expect(clusterTools).not.toContain('consul');
  expect([...clusterTools, 'consul'].toSorted()).toEqual(Object.keys(toolPins).toSorted());
});
