/**
 * What an image is made of. A definition is data: adding an image means adding one entry to `catalogue.ts`.
 */
export type ImageDefinition = StaticImage | DebianImage | GoImage;

/** Files and nothing else: static binaries and what they read. */
interface StaticImage extends ImageSettings {
  readonly kind: 'static';
  readonly files: readonly ImageFile[];
}

/** A root file system of Debian packages, with local files on top. */
interface DebianImage extends ImageSettings {
  readonly kind: 'debian';
  /**
   * mmdebstrap's variant. `extract` unpacks the packages and runs no maintainer script: small and quick, enough for
   * Python. `essential` is an installed base system, for what is configured on installation (R, Tomcat).
   */
  readonly variant: 'extract' | 'essential';
  readonly packages: readonly string[];
  readonly files: readonly ImageFile[];
}

/** A Go main package in `local/images/<folder>/`, built without cgo and placed at `/<folder>`. */
interface GoImage extends ImageSettings {
  readonly kind: 'go';
  readonly folder: string;
}

/** How the container starts when a pod says nothing else. */
export interface ImageSettings {
  readonly entrypoint: readonly string[];
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly workingDir?: string;
  /** Folders made beside the files, with their mode: `{ '/tmp': 0o1777 }`. */
  readonly folders?: Readonly<Record<string, number>>;
  /** Symbolic links: path in the image to what it points at. */
  readonly links?: Readonly<Record<string, string>>;
  /** Numeric `uid:gid`. @default nonRoot */
  readonly user?: string;
}

/** One file of an image. Without a `mode` it is 0755 if its source is executable, else 0644. */
export interface ImageFile {
  readonly path: string;
  readonly source: FileSource;
  readonly mode?: number;
}

/**
 * Where the bytes of a file come from. A folder as `project` source is copied whole. `bundle` is a controller as one
 * file, `npm` a file of a package that `local/images/<folder>/package-lock.json` pins.
 */
export type FileSource =
  | { readonly from: 'project'; readonly path: string }
  | { readonly from: 'machine'; readonly path: string }
  | { readonly from: 'tool'; readonly tool: string }
  | { readonly from: 'bundle'; readonly controller: string }
  | { readonly from: 'npm'; readonly folder: string; readonly path: string }
  | { readonly from: 'text'; readonly text: string };

/** The user every image runs as unless it says otherwise: nobody on the machine. */
export const nonRoot = '65532:65532';

/** The Debian packages that the builder itself calls. */
export const builderPackages = ['umoci', 'mmdebstrap', 'busybox-static'] as const;
