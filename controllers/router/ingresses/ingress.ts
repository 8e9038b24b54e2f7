import { nginxPrefix, ownPrefix } from '../../../components/dialects/nginx.ts';
import type { KubeObject } from '../../loop/source.ts';

/** As much of an Ingress as routing needs, in the words of its author. */
export interface IngressFacts {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** As the API server writes times: their order is that of the texts. */
  readonly createdAt: string;
  /** `spec.ingressClassName`, or the annotation that came before it; null where neither stands. */
  readonly className: string | null;
  /** Those of our prefix and of nginx's. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly rules: readonly RuleFacts[];
  readonly defaultBackend: BackendFacts | null;
  readonly tls: readonly { readonly hosts: readonly string[]; readonly secretName: string | null }[];
  /** What its status says now. */
  readonly addresses: readonly Address[];
}

/** One rule: a host, or every host. */
export interface RuleFacts {
  /** Empty: every host. */
  readonly host: string;
  /** null: everything of the host goes to the default backend. */
  readonly paths: readonly PathFacts[] | null;
}

export interface PathFacts {
  readonly path: string;
  readonly pathType: string;
  readonly backend: BackendFacts;
}

/** A Service of the same namespace and one of its ports by number or name; null: something that is no Service. */
export type BackendFacts = { readonly service: string; readonly port: number | string } | null;

/** An address of the edge as a status tells it. */
export interface Address {
  readonly ip?: string;
  readonly hostname?: string;
}

interface IngressObject {
  readonly spec?: {
    readonly ingressClassName?: string;
    readonly defaultBackend?: BackendObject;
    readonly rules?: readonly {
      readonly host?: string;
      readonly http?: {
        readonly paths?: readonly {
          readonly path?: string;
          readonly pathType?: string;
          readonly backend?: BackendObject;
        }[];
      };
    }[];
    readonly tls?: readonly { readonly hosts?: readonly string[]; readonly secretName?: string }[];
  };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly Address[] } };
}

interface BackendObject {
  readonly service?: {
    readonly name?: string;
    readonly port?: { readonly number?: number; readonly name?: string };
  };
}

const classAnnotation = 'kubernetes.io/ingress.class';

/** The facts of an Ingress as the API server shows it. */
export function readIngress(object: KubeObject): IngressFacts {
  const { namespace = '', name, uid = '', creationTimestamp = '', annotations = {} } = object.metadata;
  const { spec = {}, status } = object as KubeObject & IngressObject;
  return {
    namespace,
    name,
    uid,
    createdAt: creationTimestamp,
    className: spec.ingressClassName ?? annotations[classAnnotation] ?? null,
    annotations: ownAnnotations(annotations),
    rules: (spec.rules ?? []).map(({ host = '', http }) => ({
      host,
      paths:
        http?.paths?.map(({ path = '/', pathType = '', backend }) => ({
          path,
          pathType,
          backend: backendOf(backend),
        })) ?? null,
    })),
    defaultBackend: spec.defaultBackend === undefined ? null : backendOf(spec.defaultBackend),
    tls: (spec.tls ?? []).map(({ hosts = [], secretName = '' }) => ({
      hosts,
      secretName: secretName === '' ? null : secretName,
    })),
    addresses: readAddresses(status),
  };
}

/** The name that addresses were allowed by before, which cert-manager writes on every Ingress of its solver. */
const formerName = `${nginxPrefix}whitelist-source-range`;
const presentName = `${nginxPrefix}allowlist-source-range`;

function ownAnnotations(annotations: Readonly<Record<string, string>>): IngressFacts['annotations'] {
  const own = Object.entries(annotations).filter(([key]) => key.startsWith(nginxPrefix) || key.startsWith(ownPrefix));
  const renames = !Object.hasOwn(annotations, presentName);
  return Object.fromEntries(own.map(([key, value]) => [renames && key === formerName ? presentName : key, value]));
}

function backendOf(backend: BackendObject | undefined): BackendFacts {
  const { name, port } = backend?.service ?? {};
  const wanted = port?.name ?? port?.number;
  return name === undefined || wanted === undefined ? null : { service: name, port: wanted };
}

/** The addresses of a `status` with a load balancer: Ingresses and Services have the same form. */
export function readAddresses(status: IngressObject['status']): readonly Address[] {
  return (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ({
    ...(ip === undefined ? {} : { ip }),
    ...(hostname === undefined ? {} : { hostname }),
  }));
}

/** As much of an IngressClass as tells whose Ingresses are ours. */
export interface ClassFacts {
  readonly name: string;
  readonly controller: string;
  readonly isDefault: boolean;
}

/** The facts of an IngressClass as the API server shows it. */
export function readClass(object: KubeObject): ClassFacts {
  const { name, annotations = {} } = object.metadata;
  const { spec } = object as { readonly spec?: { readonly controller?: string } };
  return {
    name,
    controller: spec?.controller ?? '',
    isDefault: annotations['ingressclass.kubernetes.io/is-default-class'] === 'true',
  };
}

/** Whether an Ingress is of a class of ours; one without class is of the default class, if that is ours. */
export function isOurs(ingress: IngressFacts, classes: ReadonlyMap<string, ClassFacts>, controller: string): boolean {
  if (ingress.className !== null) return classes.get(ingress.className)?.controller === controller;
  return [...classes.values()].some((found) => found.isDefault && found.controller === controller);
}
