import { isDeepStrictEqual } from 'node:util';
import { type ApiClient, ApiError } from '../../loop/api.ts';
import type { Lease } from '../../loop/lease.ts';
import type { Log } from '../../loop/log.ts';
import type { IngressesConfiguration } from '../configuration.ts';
import type { Address, IngressFacts } from './ingress.ts';
import { type IngressObjects, oursByAge } from './table.ts';

/** An Ingress whose status does not say where the edge is. */
export interface StatusChange {
  readonly ingress: IngressFacts;
  readonly addresses: readonly Address[];
}

/**
 * The Ingresses of ours whose status differs from the addresses of the edge's Service. None while that Service has no
 * address: what stands there was true when it was written.
 */
export function statusChanges(objects: IngressObjects, configuration: IngressesConfiguration): readonly StatusChange[] {
  const { publishService, controller } = configuration;
  if (publishService === null) return [];
  const addresses = objects.services.get(`${publishService.namespace}/${publishService.name}`)?.addresses ?? [];
  if (addresses.length === 0) return [];
  return oursByAge(objects, controller)
    .filter((ingress) => !isDeepStrictEqual(ingress.addresses, addresses))
    .map((ingress) => ({ ingress, addresses }));
}

/** Writes where the edge is into the status of Ingresses, for external-dns and for people. */
export interface StatusWriter {
  /** Writes what differs, one after the other, as long as the lease lasts. What fails is logged and differs next time too. */
  readonly write: (objects: IngressObjects) => Promise<void>;
}

/** What a status writer is made of. */
export interface StatusWriterOptions {
  readonly api: ApiClient;
  readonly lease: Pick<Lease, 'mayWrite'>;
  readonly log: Log;
  readonly configuration: IngressesConfiguration;
}

/** A writer that writes nothing by itself. */
export function createStatusWriter({ api, lease, log, configuration }: StatusWriterOptions): StatusWriter {
  return {
    async write(objects) {
      for (const { ingress, addresses } of statusChanges(objects, configuration)) {
        const permit = lease.mayWrite();
        if (permit === null) return;
        const { namespace, name } = ingress;
        try {
          await api.call({
            method: 'PATCH',
            path: `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses/${name}/status`,
            contentType: 'application/merge-patch+json',
            body: { status: { loadBalancer: { ingress: addresses } } },
            signal: AbortSignal.timeout(Math.min(permit.leftMs, longestWriteMs)),
          });
        } catch (error) {
          if (error instanceof ApiError && error.status === 404) continue;
          log('error', 'statusNotWritten', { namespace, name, message: error instanceof Error ? error.message : '' });
        }
      }
    },
  };
}

const longestWriteMs = 10_000;
