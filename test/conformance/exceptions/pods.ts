import type { Exceptions } from '../vector.ts';

type Exception = Exceptions[string];

/** The route is left out, and no other has the request. */
const leftOut = (capability: string): Exception => ({ capability, expect: { status: 404, service: null } });
/** As if it had not been asked for. */
const notDone = (capability: string, target?: string): Exception => ({
  capability,
  expect: {
    status: 200,
    service: 'a',
    ...(target === undefined ? {} : { target, upstream: { 'X-Forwarded-Prefix': null } }),
  },
});
/** The TLS door is shut. */
const noTls: Exception = { capability: 'tls', expect: { status: 0, service: null } };

/** What the pod router answers otherwise: annotations of pods have no words for it, and each loss is accepted here. */
export const podsExceptions: Exceptions = {
  V06a: leftOut('exact-path'),
  V10: { capability: 'exact-path', expect: { status: 200, service: 'a' } },
  C04: { capability: 'encoded-slash', expect: { status: 400, service: null } },
  C07: { capability: 'method-and-header-match', expect: { status: 200, service: 'a', method: 'POST' } },
  C09: notDone('method-and-header-match'),
  V15: leftOut('wildcard-host'),
  V17c: leftOut('wildcard-host'),
  V19b: leftOut('host-less'),
  V29a: notDone('rewrite', '/app'),
  V29b: notDone('rewrite', '/app/'),
  V29c: notDone('rewrite', '/app/x?q=1'),
  V32: notDone('rewrite', '/app/x'),
  V33a: leftOut('exact-path'),
  V33c: notDone('rewrite', '/v1/x?y=z'),
  V33d: notDone('rewrite', '/v1'),
  V33e: notDone('rewrite', '/x'),
  C20: notDone('rewrite', '/app/a%20b'),
  V49: leftOut('forward-auth'),
  C21: leftOut('redirect-status'),
  C22: leftOut('redirect-status'),
  C23: leftOut('redirect-parts'),
  C24: leftOut('redirect-parts'),
  C25: leftOut('protected-redirect'),
  V35a: notDone('tls'),
  V35b: notDone('tls'),
  V36: notDone('tls'),
  V39a: noTls,
  V39b: noTls,
  V38a: noTls,
  V38b: noTls,
  V40: noTls,
  C33: noTls,
  V43: leftOut('forward-auth'),
  V44: leftOut('forward-auth'),
  V45: leftOut('forward-auth'),
  V46: leftOut('forward-auth'),
  V47a: leftOut('forward-auth'),
  V47b: leftOut('forward-auth'),
  V48: leftOut('forward-auth'),
  V50: {
    capability: 'identity-headers',
    expect: { status: 200, service: 'a', upstream: { 'X-Auth-User': null, 'X-Auth-Groups': 'admins' } },
  },
  C45: leftOut('routing-key'),
  C46: leftOut('routing-key'),
  C47: leftOut('routing-key'),
  C48: leftOut('routing-key'),
  C49: leftOut('basic-auth'),
  C50: leftOut('basic-auth'),
  C51: leftOut('basic-auth'),
  C52: leftOut('allow-from'),
  C53: leftOut('allow-from'),
  C54: leftOut('allow-from'),
  C55: { capability: 'cors', expect: { status: 403, service: null } },
  C60: {
    capability: 'header-changes',
    expect: { status: 200, service: 'a', upstream: { 'X-Set': 'by-client', 'X-Gone': 'still here' } },
  },
  C61: {
    capability: 'header-changes',
    expect: { status: 200, service: 'a', response: { 'X-Answer': 'app', 'X-Secret': 'a' } },
  },
  V60b: notDone('body-limit'),
  V60c: notDone('body-limit'),
  V62: notDone('timeouts'),
  R5: leftOut('forward-auth'),
  R6c: leftOut('forward-auth'),
  R9: leftOut('forward-auth'),
  R11c: { capability: 'upgrades', expect: { status: 101 } },
  R18: { capability: 'header-limit', expect: { status: 400, service: null } },
};
