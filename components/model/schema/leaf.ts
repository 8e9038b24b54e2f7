import { z } from 'zod';

/**
 * The grammars of single values. Each is narrower than what the API server takes, because the same text also reaches
 * rule literals, nginx.conf and tags: what no leaf can hold, no encoder has to survive.
 */
const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const hostLabel = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?';
const hostPattern = new RegExp(`^(?:\\*\\.)?${hostLabel}(?:\\.${hostLabel})*$`);
const pathPattern = /^\/(?:[A-Za-z0-9._~:@!&()*+,=-]+(?:\/[A-Za-z0-9._~:@!&()*+,=-]+)*\/?)?$/;
const dotSegment = /(?:^|\/)\.{1,2}(?:\/|$)/;

/** Domains that registries sell names under, in their common shapes: nobody's own to take a wildcard of. */
const registryDomain = /^(?:ac|co|com|edu|gov|net|org)\.[a-z]{2}$/;

/** RFC 1123 label: names of apps, namespaces, ports. */
export const label = z
  .string()
  .max(63)
  .regex(dnsLabel, { error: 'lower-case letters, digits and inner dashes, at most 63 characters (RFC 1123)' })
  .meta({ examples: ['cart'] });

/** RFC 1123 subdomain: names of Secrets, ConfigMaps and the like. */
export const objectName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, {
    error: 'a Kubernetes object name: lower-case letters, digits, dashes and dots (RFC 1123)',
  })
  .meta({ examples: ['cart-settings'] });

/** A host name: exact, or `*.` and a name of two labels or more. Lower case, ASCII (IDNA form), no port, no trailing dot. */
export const host = z
  .string()
  .max(253)
  .regex(hostPattern, {
    error:
      'a host name in lower case without port or trailing dot (RFC 1123); a wildcard only as its whole first label',
  })
  .refine((value) => !value.startsWith('*.') || value.slice(2).includes('.'), {
    error: 'a wildcard below a domain of at least two labels, as *.example.org',
  })
  .refine((value) => !(value.startsWith('*.') && registryDomain.test(value.slice(2))), {
    error: 'a wildcard below a domain of your own, as *.example.co.uk',
  })
  .refine((value) => !/^(?:\*\.)?[0-9.]+$/.test(value) || isIpv4(value), { error: 'a host name or an IPv4 address' })
  .meta({ examples: ['shop.example.org'] });

/** A host name that is no wildcard. */
export const exactHost = host.refine((value) => !value.startsWith('*'), { error: 'a host name without wildcard' });

/** A URL path to match or to put in place: absolute, decoded, without `.`/`..` segments, `//` or query. */
export const urlPath = z
  .string()
  .max(1024)
  .regex(pathPattern, {
    error: 'an absolute path of letters, digits and ._~:@!&()*+,=- without empty segments, escapes or query',
  })
  .refine((value) => !dotSegment.test(value), { error: 'a path without "." or ".." segments' })
  .refine((value) => value.split('/').length <= 64, { error: 'a path of at most 63 segments' })
  .meta({ examples: ['/api'] });

/** RFC 9110 field name, of letters, digits and dashes. Edges drop names with an underscore: they pass for the same with a dash. */
export const headerName = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/, { error: 'an HTTP header name of letters, digits and dashes' })
  .meta({ examples: ['X-Request-Id'] });

/** Headers that the edge itself answers for: framing, the connection, and what apps believe about the client. */
const edgeHeader =
  /^(?:host|connection|content-length|transfer-encoding|te|trailer|upgrade|keep-alive|proxy-.*|forwarded|x-forwarded-.*|x-real-ip|x-routing-api-key)$/i;

/** A header that an auth service may give to the request: `X-Forwarded-User` is one, what the edge says of the client is not. */
export const authHeaderName = headerName.refine(
  (value) =>
    !edgeHeader.test(value) || /^x-forwarded-(?:user|email|groups|preferred-username|access-token)$/i.test(value),
  { error: 'a header that is not the edge’s own (Host, framing, hop-by-hop, client address, X-ROUTING-API-KEY)' },
);

/** A request header that an edge may be told to take off: framing and the connection are its own, identity is not. */
export const removableHeaderName = headerName.refine(
  (value) =>
    !/^(?:host|connection|content-length|transfer-encoding|te|trailer|upgrade|keep-alive|proxy-.*)$/i.test(value),
  { error: 'a header that is neither framing, hop-by-hop nor Host' },
);

/** A request header that a route may set or remove. */
export const requestHeaderName = headerName.refine((value) => !edgeHeader.test(value), {
  error: 'a header that is not the edge’s own (Host, framing, hop-by-hop, forwarding headers, X-ROUTING-API-KEY)',
});

/** A response header that a route may set or remove. */
export const responseHeaderName = headerName.refine(
  (value) => !/^(?:connection|content-length|transfer-encoding|te|trailer|upgrade|keep-alive|proxy-.*)$/i.test(value),
  { error: 'a header that is neither framing nor hop-by-hop' },
);

/** A header value that a route matches on. It becomes part of a rule, so it has no quotes, braces or escapes. */
export const matchValue = z
  .string()
  .max(256)
  .regex(/^[A-Za-z0-9._~:/@!&()*+,=-](?:[A-Za-z0-9 ._~:/@!&()*+,=-]*[A-Za-z0-9._~:/@!&()*+,=-])?$/, {
    error: 'a value of letters, digits, inner spaces and ._~:/@!&()*+,=-',
  })
  .meta({ examples: ['beta'] });

/** RFC 9110 field value: visible ASCII and inner spaces. */
export const headerValue = z
  .string()
  .max(4096)
  .regex(/^(?:[!-~](?:[ -~]*[!-~])?)?$/, { error: 'visible ASCII characters, spaces only between them (RFC 9110)' });

/** A time with its unit: `500ms`, `30s`, `5m`, `1h`. At most 24 hours. */
export const duration = z
  .string()
  .regex(/^[1-9][0-9]{0,6}(ms|s|m|h)$/, { error: 'a time with its unit: 500ms, 30s, 5m, 1h' })
  .refine((value) => durationMs(value) <= 86_400_000, { error: 'a time of at most 24h' })
  .meta({ examples: ['30s'] });

/** A size with its unit, as Kubernetes writes it: `1Ki`, `10Mi`, `1Gi`, or bytes as a number. */
export const byteSize = z
  .string()
  .regex(/^[1-9][0-9]{0,8}(Ki|Mi|Gi)?$/, { error: 'a size: bytes, or with Ki, Mi or Gi' })
  .meta({ examples: ['10Mi'] });

/** Kubernetes CPU quantity: cores (`0.5`, `2`) or thousandths (`250m`). */
export const cpu = z
  .string()
  .regex(/^(?:[1-9][0-9]{0,6}m|(?!0+(?:\.0+)?$)[0-9]{1,4}(?:\.[0-9]{1,3})?)$/, { error: 'CPU as 250m, 0.5 or 2' })
  .meta({ examples: ['250m'] });

/** Kubernetes memory quantity with a binary unit. */
export const memory = z
  .string()
  .regex(/^[1-9][0-9]{0,8}(Ki|Mi|Gi|Ti)$/, { error: 'memory as 64Mi or 1Gi' })
  .meta({ examples: ['128Mi'] });

export const portNumber = z
  .int()
  .min(1)
  .max(65_535)
  .meta({ examples: [8080] });

/** A container image: name with a tag, a digest, or both. A bare name or `:latest` is refused. */
export const image = z
  .string()
  .max(512)
  .regex(/^[a-z0-9]+(?:[._:/-]+[a-z0-9]+)*(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@sha256:[a-f0-9]{64})?$/, {
    error: 'an image reference as registry/name:tag or registry/name@sha256:digest',
  })
  .refine((value) => /@sha256:|:[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(value) && !value.endsWith(':latest'), {
    error: 'an image with a tag other than latest, or with a digest',
  })
  .refine((value) => !/@sha256:0{64}$/.test(value), { error: 'an image whose digest is not all zeros, as none is' })
  .meta({ examples: ['registry.example.org/shop/cart:1.4.2'] });

/** An address range: `10.0.0.0/8`, `fd00::/8`. */
export const cidr = z
  .string()
  .max(64)
  .refine(isCidr, { error: 'an address range in CIDR form, as 10.0.0.0/8 or fd00::/8' })
  .meta({ examples: ['10.0.0.0/8'] });

/** Why something unusual is right. Shown in tables and policy findings. */
export const reason = z
  .string()
  .trim()
  .min(8, { error: 'a reason of at least 8 characters' })
  .max(300)
  .regex(/^\P{Cc}*$/u, { error: 'a reason in one line' })
  .meta({ examples: ['public product pages, no account needed'] });

/** A day as YYYY-MM-DD. */
export const day = z.iso.date({ error: 'a day as YYYY-MM-DD' }).meta({ examples: ['2027-03-31'] });

/** An absolute http(s) URL without user info or fragment. */
export const httpUrl = z
  .string()
  .max(2048)
  .regex(/^https?:\/\/[A-Za-z0-9._~:/?&=%+,@!*()-]+$/, { error: 'an absolute http or https URL' })
  .refine((value) => URL.canParse(value) && new URL(value).username === '' && new URL(value).password === '', {
    error: 'a URL without user name and password',
  })
  .meta({ examples: ['https://login.example.org/start'] });

/** A URL that the edge itself asks: never an address that only the asking machine has (loopback, link-local, API server). */
export const serviceUrl = httpUrl.refine((value) => URL.canParse(value) && !isLocalHost(new URL(value).hostname), {
  error: 'a URL of a service, not of this machine, a link-local address or the Kubernetes API',
});

/** Milliseconds of a `duration`. */
export function durationMs(text: string): number {
  const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
  const match = /^([0-9]+)(ms|s|m|h)$/.exec(text);
  return match === null ? Number.NaN : Number(match[1]) * unit[match[2] as keyof typeof unit];
}

/** Bytes of a `byteSize`. */
export function sizeBytes(text: string): number {
  const unit = { '': 1, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 } as const;
  const match = /^([0-9]+)(Ki|Mi|Gi)?$/.exec(text);
  return match === null ? Number.NaN : Number(match[1]) * unit[(match[2] ?? '') as keyof typeof unit];
}

function isLocalHost(host: string): boolean {
  const name = host.replace(/\.$/, '');
  return (
    /^(?:127\.|0\.|169\.254\.)[0-9.]+$/.test(name) ||
    /^\[(?:::1?|::ffff:.*|fe[89ab].*)\]$/.test(name) ||
    /^(?:localhost|.*\.localhost|metadata|metadata\..*)$/.test(name) ||
    /^kubernetes(?:\.default(?:\.svc.*)?)?$/.test(name)
  );
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255);
}

function isCidr(text: string): boolean {
  const [address, bits, ...rest] = text.split('/');
  if (address === undefined || bits === undefined || rest.length > 0 || !/^(0|[1-9][0-9]{0,2})$/.test(bits))
    return false;
  if (isIpv4(address)) return Number(bits) <= 32;
  return /^[0-9a-f:]+$/.test(address) && URL.canParse(`http://[${address}]/`) && Number(bits) <= 128;
}
