import type { Origin } from '../../components/model/definition.ts';
import { fact } from '../rules/facts.ts';
import { type Path, parts, text } from '../rules/fields.ts';
import type { Subject, Tier } from '../rules/rule.ts';
import { UnknownValue } from './unknown-value.ts';

/** A subject and what only reports need to know of it. */
export interface Judgeable {
  readonly subject: Subject;
  /** Name of the environment that the object is for. */
  readonly environment: string;
  /** Where it was read from; absent where it never was a text. */
  readonly origin?: Origin | undefined;
  /** Pulumi's name of the resource. */
  readonly urn?: string;
  /** The first value that is not known yet, for objects that say routes; absent: all are known. */
  readonly unknown?: Path;
}

/** What is known of objects that say nothing themselves. */
export interface Surroundings {
  /** Environment, or Pulumi stack. */
  readonly environment: string;
  readonly production: boolean;
}

/** An object before it is judged. */
export interface FoundInput {
  readonly object: unknown;
  readonly origin?: Origin | undefined;
}

/** The subjects of Kubernetes objects, lists unfolded. What has no `apiVersion` and `kind` is nothing Kubernetes knows. */
export function kubernetesSubjects(inputs: readonly FoundInput[], around: Surroundings): readonly Judgeable[] {
  return inputs.flatMap(({ object, origin }) => {
    if (!text(object, 'kind').endsWith('List')) return kubernetesSubject(object, around, origin) ?? [];
    return parts(object, [], 'items').flatMap(
      ({ value, path }) => kubernetesSubject(value, around, within(origin, path)) ?? [],
    );
  });
}

function kubernetesSubject(object: unknown, around: Surroundings, origin: Origin | undefined): Judgeable | null {
  const [apiVersion, kind] = [text(object, 'apiVersion'), text(object, 'kind')];
  if (apiVersion === '' || kind === '') return null;
  const group = apiVersion.includes('/') ? apiVersion : `core/${apiVersion}`;
  return placed(
    {
      type: `kubernetes:${group}:${kind}`,
      apiVersion,
      kind,
      namespace: known(() => text(object, 'metadata', 'namespace')),
      name: known(() => text(object, 'metadata', 'name')),
      properties: object,
      encrypted: [],
    },
    around,
    origin,
  );
}

/** A resource as Pulumi hands it to policies. */
export interface PulumiResource {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly properties: unknown;
  /** Property names that Pulumi keeps encrypted in its state. */
  readonly encrypted: readonly string[];
}

/** The subjects of a resource of Pulumi: itself, or the objects of a list. Components are none: their children are judged. */
export function pulumiSubjects(resource: PulumiResource, stack: Surroundings): readonly Judgeable[] {
  const { type, name, urn, properties, encrypted } = resource;
  if (!type.startsWith('kubernetes:')) {
    const kind = type.slice(type.lastIndexOf(':') + 1);
    const subject = { type, apiVersion: '', kind, namespace: '', name, properties, encrypted };
    return [{ ...placed(subject, stack, undefined), urn }];
  }
  return kubernetesSubjects([{ object: properties }], stack).map((judgeable) => {
    const { subject } = judgeable;
    const named = { ...subject, encrypted, name: subject.name === '' ? name : subject.name };
    return { ...judgeable, subject: named, urn };
  });
}

function placed(
  subject: Omit<Subject, 'tier'>,
  { environment, production }: Surroundings,
  origin: Origin | undefined,
): Judgeable {
  const written = { ...subject, tier: null };
  const says = subject.apiVersion !== '';
  const own = says ? known(() => fact(written, 'environment')) : '';
  const usual: Tier | null = production ? 'production' : null;
  const tier =
    (says ? tierNamed(known(() => fact(written, 'tier'))) : null) ?? (own === '' || own === environment ? usual : null);
  return { subject: { ...subject, tier }, environment: own === '' ? environment : own, origin };
}

/** What a name says, and nothing while it is not known. Rules that go by it read it again, and are stopped. */
function known(read: () => string): string {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnknownValue) return '';
    throw error;
  }
}

function tierNamed(word: string): Tier | null {
  return word === 'local' || word === 'production' ? word : null;
}

function within(origin: Origin | undefined, base: readonly (string | number)[]): Origin | undefined {
  if (origin === undefined) return undefined;
  return { file: origin.file, positionOf: (path) => origin.positionOf([...base, ...path]) };
}

/** A subject as findings name it: `Deployment shop/cart`, `NodePool edge`. */
export function subjectName({ kind, namespace, name, properties }: Subject): string {
  const shown = name === '' ? known(() => text(properties, 'metadata', 'generateName')) : name;
  return namespace === '' ? `${kind} ${shown}` : `${kind} ${namespace}/${shown}`;
}
