import { basename, dirname } from 'node:path';
import type { ObjectSource } from '../components/readers/kube-object.ts';

/** The program that a file is for by its name; null: none. */
function programOf(file: string): 'kustomize' | 'helm' | null {
  const name = basename(file);
  if (/^(?:kustomization\.ya?ml|Kustomization)$/.test(name)) return 'kustomize';
  return name === 'Chart.yaml' ? 'helm' : null;
}

/** Whether a file of a folder only becomes objects when a program renders it: a template of Helm, or a kustomization. */
export function isForRendering(file: string, text: string): boolean {
  return programOf(file) !== null || isTemplate(text);
}

function isTemplate(text: string): boolean {
  return /\{\{-?\s*(?:if|include|range|with|define|template|toYaml|tpl|\.|\$)/.test(text);
}

/**
 * What was passed over, a line each, with the command that turns it into objects.
 * @param rendered files that a program renders
 * @param others files with documents that are no Kubernetes objects, once for each document
 */
export function skippedLines(
  rendered: readonly string[],
  others: readonly string[],
  objects: readonly ObjectSource[],
): readonly string[] {
  const filesFor = (program: ReturnType<typeof programOf>) => rendered.filter((file) => programOf(file) === program);
  const kustomized = filesFor('kustomize').map((file) => dirname(file));
  const charts = filesFor('helm').map((file) => dirname(file));
  const templates = filesFor(null);
  const releases = objects.filter(({ object }) => (object as { readonly kind?: unknown }).kind === 'HelmRelease');
  return [
    ...kustomized.map(
      (folder) =>
        `${folder} is for kustomize, which may change it; render it first: kustomize build ${folder} | edgeplane routes --open -f -`,
    ),
    ...charts.map(
      (folder) => `${folder} is a Helm chart; render it first: helm template ${folder} | edgeplane routes --open -f -`,
    ),
    ...(templates.length === 0
      ? []
      : [`${counted(templates.length, 'template')} of Helm passed over, as ${templates[0]}`]),
    ...(releases.length === 0
      ? []
      : [
          `${counted(releases.length, 'HelmRelease')} not read: render its chart by helm template, or read the cluster by --context`,
        ]),
    ...(others.length === 0
      ? []
      : [
          `${counted(others.length, 'document')} that ${others.length === 1 ? 'is no Kubernetes object' : 'are no Kubernetes objects'} passed over: ${named(others)}`,
        ]),
  ];
}

function counted(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? '' : 's'}`;
}

/** The first few of the files, each once. */
function named(files: readonly string[]): string {
  const all = [...new Set(files)];
  return all.length <= 5 ? all.join(', ') : `${all.slice(0, 5).join(', ')} and ${all.length - 5} more`;
}
