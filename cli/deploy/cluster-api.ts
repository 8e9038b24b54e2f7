import type { KubeObject } from '../../components/compile/output.ts';
import { ApiFailed, type KubeApi } from '../../local/kube.ts';
import type { ObjectRef } from './inventory.ts';

/** What a deployment does with a cluster, by object and not by path. */
export interface ClusterApi {
  readonly kube: KubeApi;
  /** The object as the cluster has it; nothing when it, or its whole kind, is not there. */
  read(ref: ObjectRef): Promise<KubeObject | undefined>;
  /** Server-side apply under the field manager `edgeplane`; a field the cluster does not know is refused. */
  apply(ref: ObjectRef, object: object): Promise<KubeObject>;
  /** Makes an object; one that is there already stays as it is. */
  create(ref: ObjectRef, object: object): Promise<void>;
  remove(ref: ObjectRef): Promise<void>;
}

interface ResourceList {
  readonly resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

const isStatus = (error: unknown, status: number) => error instanceof ApiFailed && error.status === status;
const query = 'fieldManager=edgeplane&fieldValidation=Strict';

/** A cluster through its API server. The paths of kinds are asked from it once; a kind may come later than others of its group. */
export function clusterApi(kube: KubeApi): ClusterApi {
  const known = new Map<string, Promise<ResourceList>>();
  const base = (apiVersion: string) => (apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`);
  const resources = (apiVersion: string) => {
    const asked = known.get(apiVersion) ?? (kube.get(base(apiVersion)) as Promise<ResourceList>);
    known.set(apiVersion, asked);
    asked.catch(() => known.delete(apiVersion));
    return asked;
  };
  const collection = async ({ apiVersion, kind, namespace }: ObjectRef) => {
    const list = await resources(apiVersion);
    const found = list.resources.find((resource) => resource.kind === kind && !resource.name.includes('/'));
    if (found === undefined) {
      known.delete(apiVersion);
      throw new ApiFailed(404, `${apiVersion} ${kind}`, 'the cluster has no such kind');
    }
    return `${base(apiVersion)}${found.namespaced ? `/namespaces/${namespace}` : ''}/${found.name}`;
  };
  const path = async (ref: ObjectRef) => `${await collection(ref)}/${ref.name}`;
  return {
    kube,
    read: async (ref) => {
      try {
        return (await kube.get(await path(ref))) as KubeObject;
      } catch (error) {
        if (isStatus(error, 404)) return undefined;
        throw error;
      }
    },
    apply: async (ref, object) => {
      const target = `${await path(ref)}?${query}&force=true`;
      const answer = await kube.send({ method: 'PATCH', path: target, body: JSON.stringify(object) });
      return JSON.parse(answer) as KubeObject;
    },
    create: async (ref, object) => {
      const body = JSON.stringify(object);
      const call = { method: 'POST', path: `${await collection(ref)}?${query}`, body } as const;
      await kube.send({ ...call, contentType: 'application/json' }).catch((error: unknown) => {
        if (!isStatus(error, 409)) throw error;
      });
    },
    remove: async (ref) => {
      const target = `${await path(ref)}?propagationPolicy=Background`;
      await kube.send({ method: 'DELETE', path: target }).catch((error: unknown) => {
        if (!isStatus(error, 404)) throw error;
      });
    },
  };
}
