import {
  type PortPath,
  type RoutingNames,
  routableLabel,
  routingNames,
  writeRouting,
} from '../../../dialects/routing.ts';
import { hostText } from '../../../model/route-match.ts';
import type { PodMarks } from '../../output.ts';
import type { AppPlan, EnvironmentPlan, RoutePlan } from '../../plan.ts';
import { fate } from '../asked.ts';
import { namesOf } from './names.ts';
import { podPort, sideOf } from './target.ts';

/** What the pods of an app say to the routers; null: none of its routes is for them. */
export function podMarks(app: AppPlan, routes: readonly RoutePlan[], environment: EnvironmentPlan): PodMarks | null {
  const kept = routes.filter((route) => fate(namesOf(route, app, environment), environment) !== 'leftOut');
  if (kept.length === 0) return null;
  const sides = [...new Set(kept.map((route) => sideOf(route, environment)))].toSorted();
  const annotations = sides.map((side) => {
    const own = kept.filter((route) => sideOf(route, environment) === side);
    return written(app, own, routingNames[side]);
  });
  return { labels: { [routableLabel.name]: routableLabel.value }, annotations: Object.assign({}, ...annotations) };
}

function written(app: AppPlan, routes: readonly RoutePlan[], names: RoutingNames): Readonly<Record<string, string>> {
  const paths = routes.flatMap((route): PortPath[] => {
    const port = podPort(route, app);
    return port === null ? [] : [{ port, path: route.match.path.path }];
  });
  const routing = writeRouting(
    {
      hosts: routes.map(({ match }) => hostText(match.host)),
      paths,
      apiKey: routes.some(({ protection }) => protection.kind === 'apiKey'),
    },
    names,
  );
  if (routing.ok) return routing.annotations;
  throw new Error(
    `app ${app.namespace}/${app.name}: ${routing.problems.map(({ found, expected }) => `${found} is not ${expected}`).join('; ')}`,
  );
}
