import {
  type ItemProblem,
  readDemand,
  readHosts,
  readPaths,
  type WrittenPortPath,
} from '../../../components/dialects/routing.ts';
import type { PodsConfiguration } from '../configuration.ts';
import type { PodFacts } from './pod.ts';

/** What one pod asks for, and how much of it stands. */
export interface PodRoutes {
  /** Canonical hosts; every path is served on every one. */
  readonly hosts: readonly string[];
  readonly paths: readonly WrittenPortPath[];
  /** Whether callers must show the key of the namespace even when it has none. */
  readonly demandsKey: boolean;
  /** Whether the pod gets requests now; else its routes are kept and answer 503 while no other pod serves them. */
  readonly serves: boolean;
  /** What the pod's author should know, one sentence each. */
  readonly problems: readonly string[];
}

/** The most routes (hosts × paths) of one pod. */
export const mostRoutesOfPod = 1_024;

/** Why a pod has no routes at all, in the original's words where it had some; null when it may have. */
export function unroutable(pod: PodFacts): string | null {
  if (pod.phase !== 'Running') return `Not running (${pod.phase})`;
  return pod.ip === '' ? 'Pod does not have an IP' : null;
}

/** The routes of a pod that is not `unroutable`. Wrong items are left out one by one; what endangers others, as a whole. */
export function readPodRoutes(pod: PodFacts, configuration: PodsConfiguration): PodRoutes {
  // Its address is the node's: a route to it would lead to the kubelet and whatever else listens there.
  if (pod.hostNetwork) return noRoutes(['found hostNetwork: true, expected an address of the pod’s own']);
  const { hostsAnnotation, pathsAnnotation, apiKeyAnnotation } = configuration;
  if (pod.hosts === null)
    return noRoutes([`${hostsAnnotation}: found no annotation, expected hosts with spaces between`]);
  const hosts = readHosts(pod.hosts);
  const hostProblems = told(hostsAnnotation, hosts.problems);
  if (hosts.items.length === 0) return noRoutes(hostProblems);
  if (pod.paths === null)
    return noRoutes([
      ...hostProblems,
      `${pathsAnnotation}: found no annotation, expected PORT:PATH items with spaces between`,
    ]);
  const paths = readPaths(pod.paths, new Set(pod.ports));
  const demand = readDemand(pod.apiKey ?? undefined);
  const problems = [
    ...hostProblems,
    ...told(pathsAnnotation, paths.problems),
    ...told(apiKeyAnnotation, demand.problems),
  ];
  const count = hosts.items.length * paths.items.length;
  if (count > mostRoutesOfPod)
    return noRoutes([`found ${count} routes, expected at most ${mostRoutesOfPod} (hosts × paths) on one pod`]);
  return {
    hosts: hosts.items,
    paths: paths.items,
    demandsKey: demand.demanded,
    serves: pod.ready && !pod.terminating,
    problems,
  };
}

function noRoutes(problems: readonly string[]): PodRoutes {
  return { hosts: [], paths: [], demandsKey: false, serves: false, problems };
}

/** The most items of one annotation that are told one by one. */
const mostTold = 5;

function told(annotation: string, problems: readonly ItemProblem[]): readonly string[] {
  const sentences = problems.map(({ found, expected }) => `${annotation}: found ${found}, expected ${expected}`);
  if (sentences.length <= mostTold) return sentences;
  return [...sentences.slice(0, mostTold), `${annotation}: ${sentences.length - mostTold} more such items`];
}
