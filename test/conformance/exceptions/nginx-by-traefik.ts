import type { Exceptions } from '../vector.ts';
import { routingKey } from '../worlds.ts';

type Expected = Exceptions[string]['expect'];

const refused = (status: number): Expected => ({ status, service: null });
const whole = (target: string): Exceptions[string] => ({
  capability: 'rewrite',
  expect: { status: 200, service: 'a', target, upstream: { 'X-Forwarded-Prefix': null } },
});
const leftOut = (capability: string, expect: Expected): Exceptions[string] => ({ capability, expect });
const noHsts = (status: number, service: string | null): Exceptions[string] => ({
  capability: 'hsts',
  expect: { status, service, response: { 'Strict-Transport-Security': null } },
});
const key = Buffer.from(routingKey).toString('base64');

/** What Traefik's nginx provider answers otherwise: losses that are accepted here, and rows that say `differs`. */
export const nginxByTraefikExceptions: Exceptions = {
  V10: { capability: 'segment-prefix', expect: { status: 200, service: 'a' } },
  C04: { capability: 'encoded-slash', expect: refused(400) },
  C07: leftOut('method-and-header-match', { status: 200, service: 'a', method: 'POST' }),
  C09: leftOut('method-and-header-match', { status: 200, service: 'a' }),
  V17a: { capability: 'host-before-path', expect: { status: 200, service: 'b' } },
  V19c: { capability: 'host-before-path', expect: { status: 200, service: 'd' } },
  V19e: { capability: 'acme', expect: { status: 200, service: 'd' } },
  V29a: whole('/app'),
  V29b: whole('/app/'),
  V29c: whole('/app/x?q=1'),
  V32: whole('/app/x'),
  V33a: { capability: 'rewrite', expect: { status: 200, service: 'a', target: '/old' } },
  V33c: whole('/v1/x?y=z'),
  V33d: whole('/v1'),
  V33e: whole('/x'),
  C20: whole('/app/a%20b'),
  V49: whole('/app/x?q=1'),
  C23: leftOut('redirect-parts', refused(404)),
  C24: leftOut('redirect-parts', refused(404)),
  C31: { capability: 'acme', expect: refused(308) },
  V39b: noHsts(200, 'a'),
  V38a: noHsts(403, null),
  V38b: {
    capability: 'hsts',
    expect: { status: 404, service: 'a', response: { 'Strict-Transport-Security': 'max-age=1' } },
  },
  C33: { capability: 'tls', expect: { status: 200, service: 'a' } },
  V46: { capability: 'forward-auth', expect: refused(302) },
  V50: {
    capability: 'identity-headers',
    expect: { status: 200, service: 'a', upstream: { 'X-Auth-User': null, 'X-Auth-Groups': 'admins' } },
  },
  C40: { capability: 'routing-key', expect: { status: 200, service: 'a', upstream: { 'X-ROUTING-API-KEY': key } } },
  C46: {
    capability: 'routing-key',
    expect: { status: 200, service: 'a', upstream: { Authorization: `Bearer ${routingKey}` } },
  },
  C49: { capability: 'basic-auth', expect: refused(403) },
  C50: { capability: 'basic-auth', expect: refused(403) },
  C51: { capability: 'basic-auth', expect: refused(403) },
  C60: {
    capability: 'header-changes',
    expect: { status: 200, service: 'a', upstream: { 'X-Set': 'by-client', 'X-Gone': 'still here' } },
  },
  C61: {
    capability: 'header-changes',
    expect: { status: 200, service: 'a', response: { 'X-Answer': 'app', 'X-Secret': 'a' } },
  },
  R11a: { capability: 'upgrades', expect: refused(400) },
  R11b: { capability: 'upgrades', expect: refused(400) },
  R11c: { capability: 'upgrades', expect: { status: 101 } },
};
