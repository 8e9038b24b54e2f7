import type { EdgeSettings } from '../routing-table.ts';
import { answerHeaders } from './answers.ts';
import { block, type Directive, directive } from './directive.ts';
import { milliseconds, powerOfTwo } from './encode.ts';
import { requestHeaders } from './headers.ts';
import { usualTimes } from './location.ts';
import { clientDirectives, requestMaps, schemeVariable } from './request-maps.ts';

/** Where the router keeps what nginx reads and writes. All below one folder. */
export interface RunFolder {
  readonly folder: string;
  readonly pid: string;
  /** Socket on which the router checks keys. */
  readonly keys: string;
  /** Socket on which nginx tells its generation and its numbers. */
  readonly status: string;
  /** A folder of files, one for each tenth of a second. While it exists, every answer ends its connection. */
  readonly closing: string;
  /** The same folder while none does. */
  readonly open: string;
}

/** In the run folder, which is the folder nginx's workers are in. */
export const closingName = 'closing';

export function runFolder(folder: string): RunFolder {
  const below = (name: string) => `${folder}/${name}`;
  return {
    folder,
    pid: below('nginx.pid'),
    keys: below('keys.sock'),
    status: below('status.sock'),
    closing: below(closingName),
    open: below('open'),
  };
}

/** How much there is of what nginx keeps in tables of fixed size. */
export interface Extent {
  readonly hosts: readonly string[];
  readonly variables: number;
}

/** Longest request head line and number of such lines: as large as a key of 4 KiB in base64, cookies beside it. */
const headBuffers = ['4', '16k'] as const;

function limits(settings: EdgeSettings, extent: Extent): readonly Directive[] {
  const longest = extent.hosts.reduce((most, host) => Math.max(most, host.length), 0);
  // An entry is the name with a length of two bytes, in words, behind a pointer; a bucket ends with a pointer.
  const bucket = powerOfTwo(Math.ceil((longest + 2) / 8) * 8 + 16, 64);
  return [
    // Its variables fill nginx's own 4 KiB: a second block would be fetched for each request.
    directive('request_pool_size', '8k'),
    directive('server_names_hash_bucket_size', String(bucket)),
    directive('server_names_hash_max_size', String(powerOfTwo(extent.hosts.length * 4, 1024))),
    directive('variables_hash_max_size', String(powerOfTwo(extent.variables * 4, 4096))),
    directive('variables_hash_bucket_size', '256'),
    directive('map_hash_bucket_size', '512'),
    directive('map_hash_max_size', '4096'),
    directive('proxy_headers_hash_bucket_size', '256'),
    directive('proxy_headers_hash_max_size', '4096'),
    directive('client_max_body_size', String(settings.bodyLimitBytes ?? 0)),
    directive('large_client_header_buffers', ...headBuffers),
    directive('client_header_timeout', '20s'),
    directive('client_body_timeout', '60s'),
    directive('send_timeout', '60s'),
    directive('keepalive_timeout', '75s'),
    directive('keepalive_requests', '10000'),
    directive('reset_timedout_connection', 'on'),
    // Asking the system for a file at each request would cost a twentieth of all.
    directive('open_file_cache', 'max=16', 'inactive=60s'),
    directive('open_file_cache_errors', 'on'),
    directive('open_file_cache_valid', '1s'),
  ];
}

const proxying: readonly Directive[] = [
  directive('proxy_http_version', '1.1'),
  directive('proxy_redirect', 'off'),
  directive('proxy_connect_timeout', milliseconds(usualTimes.connectMs)),
  directive('proxy_read_timeout', milliseconds(usualTimes.responseMs)),
  directive('proxy_send_timeout', milliseconds(usualTimes.responseMs)),
  // One try; only a connection that had been idle and was just closed by the app is replaced by another.
  directive('proxy_next_upstream', 'error'),
  directive('proxy_next_upstream_tries', '1'),
  directive('proxy_max_temp_file_size', '0'),
  directive('proxy_buffer_size', '16k'),
  directive('proxy_buffers', '8', '16k'),
  directive('proxy_busy_buffers_size', '32k'),
  // An app says whether its answer is buffered, and nothing else about the edge: no redirect into its locations.
  directive('proxy_ignore_headers', 'X-Accel-Redirect', 'X-Accel-Limit-Rate', 'X-Accel-Charset', 'X-Accel-Expires'),
];

const logFields = (scheme: string) => [
  ['time', '$time_iso8601'],
  ['route', '$ep_route'],
  ['client', '$remote_addr'],
  ['peer', '$realip_remote_addr'],
  ['scheme', scheme],
  ['host', '$host'],
  ['method', '$request_method'],
  ['path', '$ep_path'],
  ['protocol', '$server_protocol'],
  ['status', '$status'],
  ['bytes', '$body_bytes_sent'],
  ['seconds', '$request_time'],
  ['app', '$upstream_addr'],
  ['appStatus', '$upstream_status'],
  ['appSeconds', '$upstream_response_time'],
];

/** A line for each request, without query, cookies or any header: these hold secrets. */
function logging(settings: EdgeSettings): readonly Directive[] {
  if (!settings.accessLog) return [directive('access_log', 'off')];
  const format = logFields(schemeVariable(settings))
    .map(([name, value]) => `"${name}":"${value}"`)
    .join(',');
  return [
    directive('log_format', 'edgeplane', 'escape=json', `{${format}}`),
    directive('access_log', '/dev/stdout', 'edgeplane'),
  ];
}

const tls: readonly Directive[] = [
  directive('ssl_protocols', 'TLSv1.2', 'TLSv1.3'),
  directive('ssl_ciphers', 'ECDHE+AESGCM:ECDHE+CHACHA20'),
  directive('ssl_prefer_server_ciphers', 'off'),
  directive('ssl_session_cache', 'shared:ep_tls:10m'),
  directive('ssl_session_timeout', '1h'),
  directive('ssl_session_tickets', 'off'),
];

/** Set by single locations: written here so that nginx knows them where no location does. */
const variables = [
  '$ep_cors_age',
  '$ep_cors_credentials',
  '$ep_cors_expose',
  '$ep_cors_headers',
  '$ep_cors_methods',
  '$ep_cors_origin',
  '$ep_cors_vary',
  '$ep_hsts_value',
  '$ep_last',
  '$ep_prefix',
  '$ep_ring',
  '$ep_route',
  '$ep_websocket',
];

/** On a socket of the router alone: which configuration is served, and how busy nginx is. */
function statusServer(run: RunFolder, generation: string, more: readonly string[]): Directive {
  return block(
    'server',
    [],
    [
      directive('listen', `unix:${run.status}`),
      directive('access_log', 'off'),
      ...[...variables, ...more].map((name) => directive('set', name, '')),
      block('location', ['=', '/generation'], [directive('return', '200', generation)]),
      block('location', ['=', '/status'], [directive('stub_status')]),
    ],
  );
}

/** The `http` block around `servers`. */
export function httpBlock(
  settings: EdgeSettings,
  run: RunFolder,
  extent: Extent,
  parts: {
    readonly definitions: readonly Directive[];
    readonly servers: readonly Directive[];
    readonly generation: string;
    /** What single locations set beside what all may set. */
    readonly variables: readonly string[];
  },
): Directive {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) =>
    directive(`${name}_temp_path`, `${run.folder}/temporary/${name}`),
  );
  return block(
    'http',
    [],
    [
      directive('default_type', 'text/plain'),
      directive('server_tokens', 'off'),
      directive('absolute_redirect', 'off'),
      directive('port_in_redirect', 'off'),
      directive('underscores_in_headers', 'off'),
      directive('ignore_invalid_headers', 'on'),
      directive('merge_slashes', 'on'),
      directive('uninitialized_variable_warn', 'off'),
      directive('log_not_found', 'off'),
      ...temporary,
      ...limits(settings, extent),
      ...proxying,
      ...(settings.httpsPort === null ? [] : tls),
      ...logging(settings),
      ...requestMaps(settings),
      ...clientDirectives(settings),
      ...requestHeaders(settings),
      ...answerHeaders(false),
      block(
        'upstream',
        ['ep_keys'],
        [directive('server', `unix:${run.keys}`), directive('keepalive', '16'), directive('keepalive_timeout', '50s')],
      ),
      ...parts.definitions,
      statusServer(run, parts.generation, parts.variables),
      ...parts.servers,
    ],
  );
}
