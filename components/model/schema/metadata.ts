import { z } from 'zod';

const name = '[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';
const domain = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*';

/** Key of a label or annotation: a name, with a domain before it when it is somebody's. */
export const metadataKey = z
  .string()
  .max(317)
  .regex(new RegExp(`^(?:${domain}/)?${name}$`), {
    error: 'a Kubernetes key: name or domain/name, the name at most 63 letters, digits, dashes, underscores, dots',
  });

/** Value of a label. */
export const labelValue = z
  .string()
  .max(63)
  .regex(new RegExp(`^(?:${name})?$`), {
    error: 'a label value: at most 63 letters, digits, dashes, underscores and dots, a letter or digit at both ends',
  })
  .meta({ examples: ['checkout'] });

/** Keys that tell an edge what to do. What an edge does is said by the fields of the form, and by nothing else. */
const dialectKey =
  /(?:^|\.)(?:ingress\.kubernetes\.io|nginx\.org|traefik\.io|traefik\.containo\.us|konghq\.com|haproxy\.org)\/|^kubernetes\.io\/ingress\.|^(?:acme\.)?cert-manager\.io\/|^external-dns\.|^routing(?:$|[.A-Z-])/;

export const labels = z.record(metadataKey, labelValue);

export const annotations = z.record(
  metadataKey.refine((key) => !dialectKey.test(key), {
    error: 'a key that no edge, certificate or DNS controller acts on; the form has fields for what they do',
  }),
  z
    .string()
    .max(65_536)
    .regex(/^\P{Cc}*$/u, { error: 'a value in one line' }),
);
