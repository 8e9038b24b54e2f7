import { type Case, changed } from './case.ts';

/** A pod that passes the level `restricted`. */
export const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'cart', namespace: 'shop', labels: { app: 'cart' }, annotations: {} as Record<string, string> },
  spec: {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } as Record<string, unknown>,
    initContainers: [container('prepare')],
    containers: [container('cart')],
    volumes: [{ name: 'scratch', emptyDir: {} }] as Record<string, unknown>[],
  } as Record<string, unknown>,
};

function container(name: string) {
  return {
    name,
    image: 'registry.example.org/shop/cart:1.4.2',
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } as Record<string, unknown>,
  };
}

const first = ['spec', 'containers', 0] as const;
const context = [...first, 'securityContext'] as const;
const ofPod = ['spec', 'securityContext'] as const;

/** id of the rule, path that is changed, what stands there then, and what the fault says. */
const faults: readonly (readonly [string, readonly (string | number)[], unknown, string])[] = [
  ['allow-privilege-escalation', [...context, 'allowPrivilegeEscalation'], true, 'true in container "cart"'],
  ['app-armor-profile', [...context, 'appArmorProfile'], { type: 'Unconfined' }, '"Unconfined"'],
  ['capabilities-baseline', [...context, 'capabilities', 'add'], ['NET_RAW'], '"NET_RAW" in container "cart"'],
  ['capabilities-restricted', [...context, 'capabilities', 'drop'], ['KILL'], 'no ALL in container "cart"'],
  ['host-namespaces', ['spec', 'hostPID'], true, 'true'],
  ['host-path-volumes', ['spec', 'volumes', 0], { name: 'node', hostPath: { path: '/' } }, 'a hostPath in volume'],
  ['host-ports', [...first, 'ports'], [{ containerPort: 80, hostPort: 80 }], '80 in container "cart"'],
  ['host-probes-and-host-lifecycle', [...first, 'livenessProbe'], { httpGet: { host: 'x', port: 1 } }, '"x"'],
  ['privileged', [...context, 'privileged'], true, 'true in container "cart"'],
  ['proc-mount', [...context, 'procMount'], 'Unmasked', '"Unmasked" in container "cart"'],
  ['proc-mount-restricted', [...context, 'procMount'], 'Unmasked', '"Unmasked" in container "cart"'],
  ['restricted-volumes', ['spec', 'volumes', 0], { name: 'share', nfs: { server: 'x' } }, 'nfs in volume "share"'],
  ['run-as-non-root', [...ofPod, 'runAsNonRoot'], undefined, 'nothing in container'],
  ['run-as-user', [...context, 'runAsUser'], 0, '0'],
  ['se-linux-options', [...ofPod, 'seLinuxOptions'], { role: 'sysadm_r' }, '"sysadm_r"'],
  ['seccomp-profile-baseline', [...context, 'seccompProfile'], { type: 'Unconfined' }, '"Unconfined"'],
  ['seccomp-profile-restricted', [...ofPod, 'seccompProfile'], undefined, 'nothing in container'],
  ['sysctls', [...ofPod, 'sysctls'], [{ name: 'kernel.msgmax', value: '1' }], '"kernel.msgmax"'],
  ['windows-host-process', [...ofPod, 'windowsOptions'], { hostProcess: true }, 'true'],
];

export const podSecurityCases: readonly Case[] = faults.map(([id, path, to, found]) => ({
  rule: `pod-security-${id}`,
  pass: [pod],
  fail: [changed(pod, path, to)],
  found,
}));
