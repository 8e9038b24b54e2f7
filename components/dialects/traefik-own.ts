/** What the file provider of our own edge holds: no deletion in a namespace of apps can take it away. */
export const fileObject = {
  /** A service without servers: 503. */
  unavailable: 'edgeplane-unavailable',
  /** Answers 404 to everyone. */
  notFound: 'edgeplane-not-found',
  /** Answers 400 to everyone. */
  refuse: 'edgeplane-refuse',
  /** 400 for %2F in the path. */
  encodedSlash: 'edgeplane-encoded-slash',
  /** Takes forwarding and identity headers off that the entry point does not know, and every upgrade. */
  hygiene: 'edgeplane-hygiene',
  /** The same, leaving the upgrade. */
  websocketHygiene: 'edgeplane-websocket-hygiene',
  /** Plain HTTP to https, permanently. */
  httpsRedirect: 'edgeplane-https',
} as const;

export type FileObject = keyof typeof fileObject;

/** Scheme, host, port, path, query of the URL that Traefik shows to the expression of a redirect. */
export const anyUrl = '^(https?)://([^/?:]+|\\[[^\\]]*\\])(:[0-9]+)?([^?]*)(.*)$';
