import type { Vector } from '../vector.ts';
import { basicUser, otherKey, routingKey } from '../worlds.ts';

type Headers = readonly (readonly [string, string])[];
const get = (host: string, target: string, headers: Headers = []) => ({ host, target, headers });
const bearer = (token: string): Headers => [['Authorization', `Bearer ${token}`]];
const keyed = (value: string): Headers => [['X-ROUTING-API-KEY', Buffer.from(value).toString('base64')]];
const basic = (password: string): Headers => [
  ['Authorization', `Basic ${Buffer.from(`${basicUser.name}:${password}`).toString('base64')}`],
];
const refused = (status: number) => ({ status, service: null });

/** Who may pass. */
export const protectionVectors: readonly Vector[] = [
  {
    id: 'V43',
    says: '2xx passes and named headers are copied',
    request: get('auth.test', '/', bearer('good')),
    expect: { status: 200, service: 'a', upstream: { 'X-Auth-User': 'alice', 'X-Auth-Groups': 'staff' } },
  },
  {
    id: 'V44',
    says: '401 comes back as it is',
    request: get('auth.test', '/'),
    expect: { ...refused(401), response: { 'WWW-Authenticate': 'Bearer realm="echo"' } },
  },
  {
    id: 'V45',
    says: '403 comes back as it is',
    request: get('auth.test', '/', bearer('forbidden')),
    expect: refused(403),
  },
  {
    id: 'V46',
    says: 'a redirect of the auth app is unexpected',
    request: get('auth.test', '/', bearer('redirect')),
    expect: refused(500),
  },
  {
    id: 'V47a',
    says: 'a broken auth app is a 5xx',
    request: get('auth.test', '/', bearer('broken')),
    expect: refused(500),
  },
  { id: 'V47b', says: 'no auth app is a 5xx', request: get('silent.test', '/'), expect: refused(500) },
  {
    id: 'V48',
    says: 'a copied header replaces what the client sent, in every spelling',
    request: get('auth.test', '/', [
      ...bearer('good'),
      ['X-Auth-User', 'mallory'],
      ['X_Auth_User', 'mallory'],
      ['x-auth-user', 'mallory'],
      ['X.Auth.User', 'mallory'],
    ]),
    expect: {
      status: 200,
      service: 'a',
      upstream: { 'X-Auth-User': 'alice', X_Auth_User: null, 'X.Auth.User': null },
    },
  },
  {
    id: 'V50',
    says: 'an open route of the app does not let such headers in',
    request: get('auth.test', '/public', [
      ['X-Auth-User', 'mallory'],
      ['X-Auth-Groups', 'admins'],
    ]),
    expect: { status: 200, service: 'a', upstream: { 'X-Auth-User': null, 'X-Auth-Groups': null } },
  },
  {
    id: 'C40',
    says: 'the right key passes and does not reach the app',
    request: get('key.test', '/', keyed(routingKey)),
    expect: { status: 200, service: 'a', upstream: { 'X-ROUTING-API-KEY': null } },
  },
  { id: 'C41', says: 'no key is 403', request: get('key.test', '/'), expect: refused(403) },
  { id: 'C42', says: 'another key is 403', request: get('key.test', '/', keyed(otherKey)), expect: refused(403) },
  {
    id: 'C43',
    says: 'the key itself is not its base64',
    request: get('key.test', '/', [['X-ROUTING-API-KEY', routingKey]]),
    expect: refused(403),
  },
  {
    id: 'C44',
    says: 'a key under another spelling of the name is no key',
    request: get('key.test', '/', [['X_ROUTING_API_KEY', Buffer.from(routingKey).toString('base64')]]),
    expect: refused(403),
  },
  {
    id: 'C45',
    says: 'a route whose secret is not there is 503',
    request: get('nokey.test', '/', keyed(routingKey)),
    expect: refused(503),
  },
  {
    id: 'C46',
    says: 'the right token passes and does not reach the app',
    request: get('bearer.test', '/', bearer(routingKey)),
    expect: { status: 200, service: 'a', upstream: { Authorization: null } },
  },
  { id: 'C47', says: 'no token is 401', request: get('bearer.test', '/'), expect: refused(401) },
  { id: 'C48', says: 'another token is 401', request: get('bearer.test', '/', bearer(otherKey)), expect: refused(401) },
  {
    id: 'C49',
    says: 'name and password pass and do not reach the app',
    request: get('basic.test', '/', basic(basicUser.password)),
    expect: { status: 200, service: 'a', upstream: { Authorization: null } },
  },
  {
    id: 'C50',
    says: 'a wrong password is 401',
    request: get('basic.test', '/', basic('looking-glass')),
    expect: { ...refused(401), response: { 'WWW-Authenticate': 'Basic realm="tea party"' } },
  },
  {
    id: 'C51',
    says: 'basic auth without its Secret is 503',
    request: get('nobasic.test', '/', basic(basicUser.password)),
    expect: refused(503),
  },
  { id: 'C52', says: 'an address that is not allowed is 403', request: get('allow.test', '/'), expect: refused(403) },
  {
    id: 'C53',
    says: 'an address that is allowed passes',
    request: get('allowed.test', '/'),
    expect: { status: 200, service: 'a' },
  },
  {
    id: 'C54',
    says: 'no client talks itself into an allowed address',
    request: get('allow.test', '/', [
      ['X-Forwarded-For', '192.0.2.7'],
      ['X-Real-Ip', '192.0.2.7'],
    ]),
    expect: refused(403),
  },
  {
    id: 'C55',
    says: 'a preflight is answered before protection',
    request: {
      ...get('cors.test', '/', [
        ['Origin', 'https://app.example.org'],
        ['Access-Control-Request-Method', 'PUT'],
      ]),
      method: 'OPTIONS',
    },
    expect: {
      status: [200, 204],
      service: null,
      response: {
        'Access-Control-Allow-Origin': 'https://app.example.org',
        'Access-Control-Allow-Credentials': 'true',
      },
    },
  },
  {
    id: 'C56',
    says: 'another origin gets no leave',
    request: {
      ...get('cors.test', '/', [
        ['Origin', 'https://evil.example.org'],
        ['Access-Control-Request-Method', 'PUT'],
      ]),
      method: 'OPTIONS',
    },
    expect: { status: [200, 204, 403], service: null, response: { 'Access-Control-Allow-Origin': null } },
  },
  {
    id: 'C57',
    says: 'OPTIONS that is no preflight is asked for the key',
    request: { ...get('cors.test', '/'), method: 'OPTIONS' },
    expect: refused(403),
  },
];
