const label = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const serviceName = new RegExp(`^(${label})(?:\\.(${label})(?:\\.svc(?:\\.cluster\\.local)?)?)?\\.?$`);

/**
 * The Service that the host of an authentication URL names inside the cluster; null: it is another host. A host of two
 * labels is `SERVICE.NAMESPACE`; `namespace` is null where the host does not say one.
 */
export function serviceOfAuthHost(
  hostname: string,
): { readonly service: string; readonly namespace: string | null } | null {
  const [, service, namespace = null] = serviceName.exec(hostname) ?? [];
  return service === undefined ? null : { service, namespace };
}
