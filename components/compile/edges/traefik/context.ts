import type { IdentityHeaders } from '../../identity.ts';
import type { ObjectMeta } from '../../output.ts';
import type { EnvironmentPlan, RoutePlan } from '../../plan.ts';
import { type FileObject, ingressClassOf } from './names.ts';
import type { MiddlewareReference, RouterService } from './objects.ts';

/** How the routers of an app reach what guards them. */
export interface Guards {
  /** A service that answers 503. */
  readonly unavailable: RouterService;
  readonly shared: (object: Exclude<FileObject, 'unavailable'>) => MiddlewareReference;
}

/** What the objects of one app share. */
export interface AppContext {
  readonly environment: EnvironmentPlan;
  readonly guards: Guards;
  readonly identityHeaders: IdentityHeaders;
  readonly meta: (name: string, annotations?: Readonly<Record<string, string>>) => Metadata;
}

export type Metadata = ObjectMeta & { readonly namespace: string };

export type Entry = 'plain' | 'secure';

/** The entry points a route is served on: plain HTTP too where TLS is on, as a redirect or as asked. */
export function entriesOf(route: RoutePlan): readonly Entry[] {
  return route.tls.kind === 'off' ? ['plain'] : ['secure', 'plain'];
}

/** As a field since 3.7; an older edge reads the annotation only, which `existingEdge` gets as a loss. */
export function classOf(environment: EnvironmentPlan): { ingressClassName?: string } {
  const name = ingressClassOf(environment);
  return name === null ? {} : { ingressClassName: name };
}
