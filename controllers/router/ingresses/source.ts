import type { Source } from '../../loop/source.ts';
import type { IngressesConfiguration } from '../configuration.ts';
import { type NamespaceFacts, readNamespace } from '../grants.ts';
import type { Certificate } from '../routing-table.ts';
import type { Served } from '../served.ts';
import { readCertificate, readUsers, type UsersFacts } from './credentials.ts';
import { type ClassFacts, type IngressFacts, readClass, readIngress } from './ingress.ts';
import { readService, readSlice, type ServiceFacts, type SliceFacts } from './service.ts';
import { type IngressObjects, ingressesTable } from './table.ts';

/** What is listed and watched for Ingresses. */
export interface IngressSources extends Readonly<Record<string, Source<unknown>>> {
  readonly ingresses: Source<IngressFacts>;
  readonly classes: Source<ClassFacts>;
  readonly services: Source<ServiceFacts>;
  readonly slices: Source<SliceFacts>;
  readonly certificates: Source<Certificate>;
  readonly users: Source<UsersFacts>;
  readonly namespaces: Source<NamespaceFacts>;
}

/** The Ingresses source: what it watches, and the table that comes of it. */
export interface IngressesSource {
  readonly sources: IngressSources;
  readonly tableOf: (objects: IngressObjects, nowMs: number) => Served;
}

/** The Ingresses source of one process. Of Secrets it is given those of the two types it can use, and no others. */
export function ingressesSource(configuration: IngressesConfiguration): IngressesSource {
  const networking = 'networking.k8s.io/v1';
  const everywhere = { apiVersion: 'v1', namespace: null };
  const secretsOf = (type: string) => ({ ...everywhere, plural: 'secrets', fieldSelector: `type=${type}` });
  return {
    sources: {
      ingresses: { ...everywhere, apiVersion: networking, plural: 'ingresses', project: readIngress },
      classes: { ...everywhere, apiVersion: networking, plural: 'ingressclasses', project: readClass },
      services: { ...everywhere, plural: 'services', project: readService },
      slices: { ...everywhere, apiVersion: 'discovery.k8s.io/v1', plural: 'endpointslices', project: readSlice },
      certificates: { ...secretsOf('kubernetes.io/tls'), project: readCertificate },
      users: { ...secretsOf('kubernetes.io/basic-auth'), project: readUsers },
      namespaces: { ...everywhere, plural: 'namespaces', project: readNamespace },
    },
    tableOf: (objects) => ingressesTable(objects, configuration),
  };
}
