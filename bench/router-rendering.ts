import { runFolder } from '../controllers/router/nginx/http-block.ts';
import { render } from '../controllers/router/nginx/render.ts';
import { empty } from '../test/controllers/router/nginx/tables.ts';
import { routeTo, usualSettings } from '../test/e2e/controllers/nginx-bench.ts';
import { type Measurement, medianOf } from './measure.ts';

const routeCount = 2_000;
const runs = 30;
/** The first runs of a process go to its compiler. */
const coldRuns = 5;

/** From a routing table of 500 hosts with four paths each to nginx's configuration as text: the median of many runs. */
export async function benchRendering(): Promise<readonly Measurement[]> {
  const settings = await usualSettings();
  const routes = Array.from({ length: routeCount }, (_, index) => {
    const target = { address: `10.${index >> 8}.${index & 255}.7`, port: 8080 };
    return routeTo(target, `app-${index >> 2}.bench.test`, `/part-${index & 3}`);
  });
  const times: number[] = [];
  for (let run = 0; run < coldRuns + runs; run += 1) {
    const start = performance.now();
    const { rejections } = render({ ...empty, routes }, settings, runFolder('/run/bench'));
    times.push(performance.now() - start);
    if (rejections.length > 0) throw new Error(rejections.map(({ message }) => message).join('\n'));
  }
  const found = medianOf(times.slice(coldRuns));
  return [{ what: `${routeCount} routes rendered, median`, found, unit: 'ms', atMost: 50 }];
}
