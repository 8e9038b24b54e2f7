/**
 * The import arrows of the design (docs/architecture.md), checked by `npm run check`.
 * An arrow that is not listed as allowed by a rule below is a mistake, not a matter of taste.
 */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: `^${from}/` },
  to: {
    path: '^(components|stacks|policies|controllers|cli|local|bench|test|index\\.ts)',
    pathNot: allowed.map((a) => `^${a}`),
  },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    only('model-is-alone', 'components/model', ['components/model/']),
    only('dialects-know-the-model', 'components/dialects', ['components/dialects/', 'components/model/']),
    only('compile-is-pure', 'components/compile', ['components/compile/', 'components/dialects/', 'components/model/']),
    only('readers-know-model-and-dialects', 'components/readers', [
      'components/readers/',
      'components/dialects/',
      'components/model/',
    ]),
    only('constructs-are-a-shell', 'components/constructs', ['components/(constructs|compile|dialects|model)/']),
    only('pulumi-is-a-shell', 'components/pulumi', ['components/(pulumi|compile|dialects|model)/']),
    only('stacks-are-data', 'stacks', ['stacks/', 'components/model/']),
    only('rules-know-types-only', 'policies/rules', ['policies/rules/']),
    only('judging-knows-rules-and-readers', 'policies/judge', [
      'policies/(judge|rules)/',
      'components/(model|readers)/',
    ]),
    only('the-pack-is-a-shell', 'policies/pack', ['policies/']),
    only('controllers-never-meet-router', 'controllers/router', [
      'controllers/(router|loop)/',
      'components/(model|dialects)/',
    ]),
    only('controllers-never-meet-catalog', 'controllers/catalog', [
      'controllers/(catalog|loop)/',
      'components/(model|dialects)/',
    ]),
    only('controllers-never-meet-gatekeeper', 'controllers/gatekeeper', [
      'controllers/(gatekeeper|loop)/',
      'components/(model|dialects)/',
    ]),
    only('loop-is-alone', 'controllers/loop', ['controllers/loop/']),
    only('cli-needs-no-pulumi', 'cli', [
      'cli/',
      'components/(model|dialects|compile|readers|constructs)/',
      'stacks/',
      'policies/rules/',
      'policies/judge',
      'policies/exemptions',
      'local/',
    ]),
    only('local-is-below-cli', 'local', ['local/']),
    {
      name: 'core-has-no-effects',
      comment: 'model, dialects and compile are pure: no file, no process, no network, no framework',
      severity: 'error',
      from: { path: '^components/(model|dialects|compile)/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'core-has-no-framework',
      severity: 'error',
      from: { path: '^components/(model|dialects|compile|readers)/|^stacks/|^cli/|^policies/(rules|judge)/' },
      to: { path: 'node_modules/(@pulumi|cdk8s|constructs)', pathNot: '^$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
