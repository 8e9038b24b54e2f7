import { expect, test } from 'vitest';
import { parseFlags } from '../../../controllers/catalog/flags.ts';

const flagsOf = (...args: readonly string[]) => {
  const parsed = parseFlags(['--cluster-id=test', ...args]);
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  return parsed.flags;
};
const problemsOf = (...args: readonly string[]) => {
  const parsed = parseFlags(args);
  return parsed.ok ? [] : parsed.problems;
};

test('one namespace keeps the names of its Services; all of them add theirs', () => {
  expect(flagsOf().settings).toMatchObject({
    owner: { cluster: 'test', namespace: null },
    naming: 'serviceNamespace',
    namespaces: ['*'],
    except: ['kube-system', 'kube-public', 'kube-node-lease'],
    addresses: 'internal',
    defaultDomain: null,
  });
  expect(flagsOf('--namespace=kube-system').settings).toMatchObject({
    owner: { cluster: 'test', namespace: 'kube-system' },
    naming: 'service',
    namespaces: ['kube-system'],
    except: [],
  });
});

test('every mistake is told at once', () => {
  expect(
    problemsOf(
      '--addresses=both',
      '--removal-percent=101',
      '--default-domain=a b',
      '--consul-cert-file=/x',
      '--health-port=x',
      '--what=1',
      '--naming=',
      'plain',
    )
      .map((problem) => problem.split(':')[0])
      .toSorted(),
  ).toEqual([
    '--addresses',
    '--cluster-id',
    '--consul-cert-file',
    '--default-domain',
    '--health-port',
    '--removal-percent',
    '--what',
    'argument 8',
  ]);
});

test.each(['https://root:secret@consul:8501', 'consul:8500', 'ftp://x', 'http://x/path'])(
  'an address of Consul that does not fit is not repeated: %s',
  (consul) => {
    const problems = problemsOf('--cluster-id=test', `--consul=${consul}`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).not.toContain(consul);
  },
);
