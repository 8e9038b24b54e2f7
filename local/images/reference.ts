/**
 * How manifests name the project's images.
 *
 * An image has two names on a node. The exact one, `edgeplane.local/echo:3f9c…`, is a hash of everything the image
 * is made of. The alias, `edgeplane.local/echo:local`, is whatever was imported last; stacks and apps, which are
 * data and know no hash, write this one. `up` replaces it by the exact name (`pinImages`) just before it applies
 * objects: a rebuilt image then changes the pod template, so its pods roll, and an unchanged one changes nothing.
 * The alias exists on the nodes too, so that rendered YAML applied by hand starts; such pods keep the image they
 * started with. Either way `imagePullPolicy` is `IfNotPresent` or `Never`: there is no registry behind these names.
 */
export const imageRepository = 'edgeplane.local';
const aliasTag = 'local';

/** The name that stacks and apps write. */
export function imageAlias(name: string): string {
  return `${imageRepository}/${name}:${aliasTag}`;
}

/** The name of exactly one content. */
export function exactReference(name: string, digest: string): string {
  return `${imageRepository}/${name}:${digest}`;
}

/** What pinning needs to know of a built image. */
export interface NamedImage {
  readonly name: string;
  readonly reference: string;
}

/**
 * The exact reference of a built image.
 * @throws when no such image was built; the message lists those that were.
 */
export function imageRef(built: readonly NamedImage[], name: string): string {
  const found = built.find((image) => image.name === name);
  if (found === undefined) {
    const known = built.map((image) => image.name).join(', ') || 'none';
    throw new Error(
      `image ${imageAlias(name)}: not built for this cluster, found only: ${known}. Add it to local/images/catalogue.ts and to the names given to ensureImages`,
    );
  }
  return found.reference;
}

/** The names of the project's images that a value mentions by alias in a field called `image`, sorted. */
export function aliasesIn(value: unknown): readonly string[] {
  const names = new Set<string>();
  replaceImages(value, (image) => {
    const name = nameOfAlias(image);
    if (name !== undefined) names.add(name);
    return image;
  });
  return [...names].toSorted();
}

/**
 * A copy of a Kubernetes object (or a list of them) with each alias in a field called `image` replaced by the exact
 * reference; other images are left alone.
 * @throws when an alias names an image that was not built.
 */
export function pinImages<T>(value: T, built: readonly NamedImage[]): T {
  return replaceImages(value, (image) => {
    const name = nameOfAlias(image);
    return name === undefined ? image : imageRef(built, name);
  }) as T;
}

function nameOfAlias(image: string): string | undefined {
  const [start, end] = [`${imageRepository}/`, `:${aliasTag}`];
  return image.startsWith(start) && image.endsWith(end) ? image.slice(start.length, -end.length) : undefined;
}

function replaceImages(value: unknown, replace: (image: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => replaceImages(item, replace));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === 'image' && typeof item === 'string' ? replace(item) : replaceImages(item, replace),
    ]),
  );
}
