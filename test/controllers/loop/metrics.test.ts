import { expect, test } from 'vitest';
import { createBuckets } from '../../../controllers/loop/bucket.ts';
import { jsonLog } from '../../../controllers/loop/log.ts';
import { createMetrics } from '../../../controllers/loop/metrics.ts';

const linesOf = (text: string) => text.split('\n').filter((line) => !line.includes('process_'));

test('counters, gauges and histograms are rendered in the text format of Prometheus', () => {
  const metrics = createMetrics('edgeplane_x_');
  const counter = metrics.counter('lists_total', 'Lists.');
  metrics.gauge('objects', 'Objects.', () => [{ labels: { source: 'pods' }, value: 7 }]);
  const histogram = metrics.histogram('run_seconds', 'Runs.', [0.1, 1]);
  counter.add({ source: 'pods' });
  counter.add({ source: 'pods' }, 2);
  for (const value of [0.1, 0.5, 5]) histogram.observe(value);
  expect(linesOf(metrics.render())).toEqual([
    '# HELP edgeplane_x_lists_total Lists.',
    '# TYPE edgeplane_x_lists_total counter',
    'edgeplane_x_lists_total{source="pods"} 3',
    '# HELP edgeplane_x_objects Objects.',
    '# TYPE edgeplane_x_objects gauge',
    'edgeplane_x_objects{source="pods"} 7',
    '# HELP edgeplane_x_run_seconds Runs.',
    '# TYPE edgeplane_x_run_seconds histogram',
    'edgeplane_x_run_seconds_bucket{le="0.1"} 1',
    'edgeplane_x_run_seconds_bucket{le="1"} 2',
    'edgeplane_x_run_seconds_bucket{le="+Inf"} 3',
    'edgeplane_x_run_seconds_sum 5.6',
    'edgeplane_x_run_seconds_count 3',
    '',
  ]);
});

test('no label value breaks out of its line', () => {
  const metrics = createMetrics('');
  metrics.counter('a', 'A.').add({ x: 'q"b\\s\nn' });
  expect(linesOf(metrics.render())).toContain('a{x="q\\"b\\\\s\\nn"} 1');
});

test('a log line is one line of JSON, whatever is in it', () => {
  const lines: string[] = [];
  jsonLog(
    (line) => lines.push(line),
    () => 0,
  )('error', 'x', { message: 'a\nb"c' });
  expect(lines).toEqual(['{"time":"1970-01-01T00:00:00.000Z","level":"error","event":"x","message":"a\\nb\\"c"}\n']);
});

test('a bucket lets its burst through, then one for each refill, for each key by itself', () => {
  const buckets = createBuckets({ burst: 2, refillMs: 1_000 });
  const takes = (key: string, now: number) => [1, 2, 3].map(() => buckets.take(key, now));
  expect([takes('a', 0), takes('b', 0), takes('a', 1_000), takes('a', 9_000)]).toEqual([
    [true, true, false],
    [true, true, false],
    [true, false, false],
    [true, true, false],
  ]);
});
