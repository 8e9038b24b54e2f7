import type { Exceptions } from '../vector.ts';

/** What our controller answers otherwise: losses that are accepted here. */
export const nginxExceptions: Exceptions = {
  C07: { capability: 'method-and-header-match', expect: { status: 200, service: 'a', method: 'POST' } },
  C09: { capability: 'method-and-header-match', expect: { status: 200, service: 'a' } },
  C23: { capability: 'redirect-parts', expect: { status: 404, service: null } },
  C24: { capability: 'redirect-parts', expect: { status: 404, service: null } },
  C60: {
    capability: 'header-changes',
    expect: { status: 200, service: 'a', upstream: { 'X-Set': 'by-client', 'X-Gone': null } },
  },
  C61: {
    capability: 'header-changes',
    expect: { status: 200, service: 'a', response: { 'X-Answer': 'app', 'X-Secret': 'a' } },
  },
  R18: { capability: 'header-limit', expect: { status: 400, service: null } },
  V46: { capability: 'forward-auth', expect: { status: 503, service: null } },
  V47a: { capability: 'forward-auth', expect: { status: 503, service: null } },
  V47b: { capability: 'forward-auth', expect: { status: 503, service: null } },
  C33: { capability: 'tls', expect: { status: 0, service: null } },
};
