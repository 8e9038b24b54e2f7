import type { Cors, Hsts, Route } from '../routing-table.ts';
import type { Definitions } from './definitions.ts';
import { block, type Directive, directive } from './directive.ts';

/** Preflights are answered here; other answers say who may read them, and the app has no say in it. */
export function corsDirectives(definitions: Definitions, cors: Cors): readonly Directive[] {
  const preflight = [
    directive('set', '$ep_cors_methods', cors.methods.join(', ')),
    directive('set', '$ep_cors_headers', cors.headers.join(', ')),
    directive('set', '$ep_cors_age', String(cors.maxAgeSeconds)),
    directive('return', '204'),
  ];
  return [
    directive('set', '$ep_cors_origin', definitions.origin(cors)),
    directive('set', '$ep_cors_vary', cors.origins.includes('*') ? '' : 'Origin'),
    directive('set', '$ep_cors_credentials', cors.credentials ? 'true' : ''),
    directive('set', '$ep_cors_expose', cors.exposeHeaders.join(', ')),
    block('if', ['($ep_preflight)'], preflight),
    ...corsAnswerHeaders.map(([name]) => directive('proxy_hide_header', name)),
  ];
}

/** Headers of answers, empty where a route says nothing: then nginx leaves them out. */
const corsAnswerHeaders: readonly (readonly [string, string])[] = [
  ['Access-Control-Allow-Credentials', '$ep_cors_allow_credentials'],
  ['Access-Control-Allow-Headers', '$ep_cors_headers'],
  ['Access-Control-Allow-Methods', '$ep_cors_methods'],
  ['Access-Control-Allow-Origin', '$ep_cors_origin'],
  ['Access-Control-Expose-Headers', '$ep_cors_expose'],
  ['Access-Control-Max-Age', '$ep_cors_age'],
];

const routeAnswerHeaders: readonly (readonly [string, string])[] = [
  ['Strict-Transport-Security', '$ep_hsts'],
  ['Vary', '$ep_cors_vary'],
];

/** Whether answers of a route say more than those of most. */
export function tellsInAnswers({ cors, hsts }: Route): boolean {
  return cors !== null || hsts !== null;
}

/**
 * What the edge adds to answers. nginx takes the whole list or none of it from the level above.
 * @param tells whether some route at this level is one that `tellsInAnswers`: its variables cost every answer.
 */
export function answerHeaders(tells: boolean, cookie: string | null = null): readonly Directive[] {
  const headers = [
    ...(tells ? corsAnswerHeaders : []),
    ['Connection', '$ep_last'],
    ...(tells ? routeAnswerHeaders : []),
    ...(cookie === null ? [] : [['Set-Cookie', cookie] as const]),
  ] as const;
  return headers.map(([name, value]) => directive('add_header', name, value, 'always'));
}

export function hstsDirectives(hsts: Hsts): readonly Directive[] {
  const value = [
    `max-age=${hsts.maxAgeSeconds}`,
    ...(hsts.includeSubdomains ? ['includeSubDomains'] : []),
    ...(hsts.preload ? ['preload'] : []),
  ];
  return [
    directive('set', '$ep_hsts_value', value.join('; ')),
    directive('proxy_hide_header', 'Strict-Transport-Security'),
  ];
}
