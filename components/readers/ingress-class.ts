import { type FoundObject, textAt } from './kube-object.ts';
import type { Dialect } from './read-route.ts';

/** Whose annotations count for a class of Ingresses. */
export type ClassDialect = Exclude<Dialect, 'gateway'>;

/** The dialects that `--class NAME=KIND` can give a class. */
export const classDialects = [
  'ingress-nginx',
  'traefik',
  'edgeplane',
  'unread',
] as const satisfies readonly ClassDialect[];

/** The class of an Ingress as far as the objects tell it. */
export interface IngressClass {
  /** `default class` where the Ingress names none. */
  readonly name: string;
  readonly dialect: ClassDialect;
  /**
   * Why it cannot be told who may pass; null for a dialect that is read, and for an Ingress that no controller could
   * take for a protected one.
   */
  readonly why: string | null;
}

/** What is known of classes: by name, what IngressClass objects and the command line say. */
export interface KnownClasses {
  readonly dialects: ReadonlyMap<string, { readonly dialect: ClassDialect; readonly controller: string }>;
  /** The class of Ingresses that name none. */
  readonly default: string | null;
}

/** What `spec.controller` of an IngressClass says for the controllers that are read. */
const controllers: Readonly<Record<string, ClassDialect>> = {
  'edgeplane.dev/router': 'edgeplane',
  'k8s.io/ingress-nginx': 'ingress-nginx',
  'traefik.io/ingress-controller': 'traefik',
};

/** Names of classes that mean one controller wherever nobody says otherwise. */
const usualNames: Readonly<Record<string, ClassDialect>> = {
  'edgeplane-nginx': 'edgeplane',
  nginx: 'ingress-nginx',
  traefik: 'traefik',
};

/** The name that stands for Ingresses without a class in `--class default=KIND`. */
export const unnamedClass = 'default';

/** @param given classes of the command line, which stand over all others */
export function knownClasses(
  objects: readonly FoundObject[],
  given: ReadonlyMap<string, ClassDialect> = new Map(),
): KnownClasses {
  const classes = objects.filter(({ kind }) => kind === 'IngressClass');
  const usual = Object.entries(usualNames).map(([name, dialect]) => [name, { dialect, controller: name }] as const);
  const found = classes.map((object) => {
    const controller = textAt(object.body, 'spec', 'controller');
    return [object.name, { dialect: controllers[controller] ?? ('unread' as const), controller }] as const;
  });
  const told = [...given].map(([name, dialect]) => [name, { dialect, controller: `--class ${name}` }] as const);
  const isDefault = ({ annotations }: FoundObject) =>
    annotations['ingressclass.kubernetes.io/is-default-class'] === 'true';
  return {
    dialects: new Map([...usual, ...found, ...told]),
    default: given.has(unnamedClass) ? unnamedClass : (classes.find(isDefault)?.name ?? null),
  };
}

/** The name of the class of an Ingress, or null where it names none. */
export function classNameOf({ body, annotations }: FoundObject): string | null {
  return textAt(body, 'spec', 'ingressClassName') || annotations['kubernetes.io/ingress.class'] || null;
}

/** The class of an Ingress, and whose annotations count for it. */
export function classOf(object: FoundObject, known: KnownClasses): IngressClass {
  const written = classNameOf(object);
  const name = written ?? known.default;
  if (name === null)
    return { name: 'default class', dialect: 'unread', why: speaksToControllers(object) ? withoutClass : null };
  const shown = written ?? (name === unnamedClass ? 'default class' : name);
  const found = known.dialects.get(name);
  if (found === undefined) return { name: shown, dialect: 'unread', why: unknownClass(name) };
  const foreign = found.dialect === 'ingress-nginx' ? foreignPrefix(object) : undefined;
  if (foreign !== undefined) {
    return { name: shown, dialect: 'unread', why: `annotations of ${foreign} stand beside the class ${name}` };
  }
  const why = found.dialect === 'unread' ? `the class ${name}, served by ${found.controller}, is not read` : null;
  return { name: shown, dialect: found.dialect, why };
}

const withoutClass =
  'no class says which controller serves it: name one by spec.ingressClassName, or give --class default=KIND';

/** Whether an Ingress has annotations that some controller reads. Those of cert-manager and external-dns are none. */
function speaksToControllers({ annotations }: FoundObject): boolean {
  return Object.keys(annotations).some((name) =>
    /ingress\.|nginx|traefik|haproxy|kong|ambassador|contour|gce|alb/.test(name),
  );
}

function unknownClass(name: string): string {
  return `the class ${name} is not read: no IngressClass of this name says who serves it; give --class ${name}=KIND where you know`;
}

/** F5's controller has classes of the name nginx as well; its annotations tell it apart. */
function foreignPrefix({ annotations }: FoundObject): string | undefined {
  return Object.keys(annotations)
    .map((name) => name.split('/')[0] ?? '')
    .find((prefix) => prefix === 'nginx.org' || prefix === 'nginx.com');
}
