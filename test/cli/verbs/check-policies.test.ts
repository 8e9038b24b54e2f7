import { expect, test } from 'vitest';
import { verb } from '../../../cli/verbs/check.ts';
import { runVerb } from '../fake-io.ts';

const root = `apiVersion: apps/v1
kind: Deployment
metadata: { name: cart, namespace: shop }
spec:
  template:
    metadata: { labels: { app: cart } }
    spec:
      securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
      containers:
        - name: cart
          image: registry.example.org/cart:1.4.2
          securityContext: { allowPrivilegeEscalation: false, privileged: true, capabilities: { drop: [ALL] } }
`;
const policy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: cart, namespace: shop }
spec: { podSelector: {}, policyTypes: [Ingress] }
`;
const files = { 'manifests/apps/cart.yaml': root, 'manifests/policy.yaml': policy };
const place =
  'manifests/apps/cart.yaml:12:63: Deployment shop/cart, spec.template.spec.containers[0].securityContext.privileged';

test('a folder of any objects is judged, and one finding makes the exit code 1', async () => {
  const { code, out, words } = await runVerb(verb, [], { file: ['manifests'] }, files);
  expect({ code, out }).toEqual({
    code: 1,
    out: `violation pod-security-privileged: ${place}: found true in container "cart", expected false or nothing. Take the field away.\n`,
  });
  expect(words).toBe(
    '0 routes of 0 objects (open: 0, cannot tell: 0, asks: 0): no problems, no losses, no doubts, no notes, 1 violation\n',
  );
});

test('what keeps the rules leaves the exit code 0', async () => {
  const fine = { ...files, 'manifests/apps/cart.yaml': root.replace('privileged: true, ', '') };
  const { code, out } = await runVerb(verb, [], { file: ['manifests'] }, fine);
  expect({ code, out }).toEqual({ code: 0, out: '' });
});

test('a folder without YAML is wrong usage', async () => {
  const run = runVerb(verb, [], { file: ['empty'] }, { 'empty/': '' }, undefined);
  await expect(run).rejects.toMatchObject({ exitCode: 2 });
});

test('JSON has rule, severity, reason and place of each violation', async () => {
  const { out } = await runVerb(verb, [], { file: ['manifests'], format: 'json' }, files);
  expect(JSON.parse(out).violations).toMatchObject([
    {
      rule: 'pod-security-privileged',
      severity: 'critical',
      standard: { name: 'Pod Security baseline', id: 'privileged' },
      at: { subject: 'Deployment shop/cart', source: { file: 'manifests/apps/cart.yaml', line: 12 } },
    },
  ]);
});

test('SARIF tells what a rule is about, how bad it is, and what is suppressed', async () => {
  const { out } = await runVerb(verb, [], { file: ['manifests'], format: 'sarif' }, files);
  const [{ tool, results }] = JSON.parse(out).runs;
  expect(results).toHaveLength(1);
  expect(results[0]).toMatchObject({ ruleId: 'pod-security-privileged', level: 'error' });
  expect(tool.driver.rules).toMatchObject([
    {
      id: 'pod-security-privileged',
      properties: { 'security-severity': '9.5', tags: ['Pod Security baseline privileged'] },
    },
  ]);
  const local = await runVerb(verb, [], { stack: 'dev', format: 'sarif' });
  const suppressed = JSON.parse(local.out).runs[0].results;
  expect(suppressed.length).toBeGreaterThan(0);
  for (const { suppressions } of suppressed) expect(suppressions).toMatchObject([{ kind: 'external' }]);
});

test('JUnit has a failed case for each violation and a skipped one for each exemption', async () => {
  const { out } = await runVerb(verb, [], { file: ['manifests'], format: 'junit' }, files);
  expect(out).toContain('tests="1" failures="1" errors="0" skipped="0"');
  expect(out).toContain(
    '<testcase classname="pod-security-privileged" name="manifests/apps/cart.yaml:12:63: Deployment shop/cart',
  );
  expect(out).toContain('found true in container &quot;cart&quot;');
  const dev = await runVerb(verb, [], { stack: 'dev', format: 'junit' });
  expect(dev.out).toMatch(/failures="0" errors="0" skipped="[1-9]/);
  const fine = await runVerb(verb, [], { file: ['policy.yaml'], format: 'junit' }, { 'policy.yaml': policy });
  expect(fine.out).toContain('<testcase classname="edgeplane" name="nothing to mend"/>');
});

const exempt = `- rule: pod-security-privileged
  object: "*/Deployment/shop/cart"
  reason: it formats disks until the driver does
  owner: shop
  until: 2026-12-31
- rule: image-pinned
  object: "*/Deployment/shop/*"
  reason: nothing needs this one
  owner: shop
  until: 2026-12-31
`;

test('exemptions of a file hold until their day, and one that nothing needs is told', async () => {
  const flags = { file: ['manifests'], exemptions: 'exempt.yaml' };
  const { code, out, words } = await runVerb(verb, [], flags, { ...files, 'exempt.yaml': exempt });
  expect({ code, out }).toEqual({ code: 0, out: '' });
  expect(words).toContain(
    'exempt until 2026-12-31: pod-security-privileged (it formats disks until the driver does)\n',
  );
  expect(words).toContain('unused exemption: image-pinned for */Deployment/shop/*; take it away\n');
  const over = exempt.replaceAll('2026-12-31', '2026-11-20');
  const late = await runVerb(verb, [], flags, { ...files, 'exempt.yaml': over });
  expect(late.code).toBe(1);
  expect(late.out).toContain('problem exemption-expired: exemption from pod-security-privileged');
  expect(late.out).toContain('violation pod-security-privileged: ');
});

test('every mistake of an exemption is told with its place, and none of the file holds', async () => {
  const wrong = exempt.replace('pod-security-privileged', 'privileged').replace('owner: shop', 'ovner: shop');
  const flags = { file: ['manifests'], exemptions: 'exempt.yaml' };
  const { code, out } = await runVerb(verb, [], flags, { ...files, 'exempt.yaml': wrong });
  expect(code).toBe(1);
  expect(out).toMatch(/^problem exemption: exempt.yaml:1:3: .*found "privileged", expected the id of a rule/m);
  expect(out).toMatch(/^problem exemption: exempt.yaml:\d+:\d+: .*found nothing, expected who answers for it/m);
  expect(out).toMatch(/^problem exemption: exempt.yaml:4:3: .*found ovner, expected one of rule, object/m);
  expect(out).toContain('violation pod-security-privileged: ');
});

test('production asks for digests, of foreign objects too', async () => {
  const { out } = await runVerb(verb, [], { stack: 'production', file: ['manifests'] }, files);
  expect(out).toContain('violation image-pinned: manifests/apps/cart.yaml:11:11');
});

test('a host that a foreign object claims beside an app of ours is found', async () => {
  const ours = `apiVersion: edgeplane/v1
kind: App
name: cart
namespace: shop
image: registry.example.org/cart:1.4.2
ports: { http: 8080 }
probes: { readiness: { check: { http: { path: /healthz } } } }
protection: { apiKey: {} }
routes: [{ hosts: [shop.example.org] }]
`;
  const rival = `apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: { name: rival, namespace: rival }
spec:
  ingressClassName: edgeplane
  entryPoints: [web]
  routes: [{ kind: Rule, match: 'Host("shop.example.org") && Path("/x")', services: [{ name: rival, port: 80 }] }]
`;
  const both = { 'ours.yaml': ours, 'rival.yaml': rival };
  const { out } = await runVerb(verb, [], { file: ['ours.yaml', 'rival.yaml'] }, both);
  expect(out).toMatch(
    /violation one-owner: rival.yaml:\d+:\d+: IngressRoute rival\/rival.*which namespace shop has too/,
  );
});
