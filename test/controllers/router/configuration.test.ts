import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type Configuration,
  describeConfiguration,
  invalidConfiguration,
  readConfiguration,
} from '../../../controllers/router/configuration.ts';

const wrong = '*&^^%&%$$^&%&';

function configured(environment: Readonly<Record<string, string>>): Configuration {
  const result = readConfiguration(environment);
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.configuration;
}

function problems(environment: Readonly<Record<string, string>>): readonly string[] {
  const result = readConfiguration(environment);
  return result.ok ? [] : result.problems;
}

describe('the variables of the original router', () => {
  test('CLIENT_MAX_BODY_SIZE 0 is no limit', () => {
    expect(configured({ CLIENT_MAX_BODY_SIZE: '0' }).edge.bodyLimitBytes).toBeNull();
  });

  test('unset variables have the original defaults', () => {
    expect(configured({})).toMatchObject({
      source: 'pods',
      edge: {
        httpPort: 80,
        httpsPort: null,
        bodyLimitBytes: null,
        unknownHost: 'close',
        keyHeader: 'X-ROUTING-API-KEY',
        clientAddress: { kind: 'connection' },
      },
      pods: {
        apiKeySecret: { name: 'routing', key: 'api-key' },
        hostsAnnotation: 'routingHosts',
        pathsAnnotation: 'routingPaths',
        selector: 'routable=true',
      },
    });
  });

  test('an empty variable is an unset one', () => {
    const names = ['API_KEY_SECRET_LOCATION', 'HOSTS_ANNOTATION', 'PORT', 'ROUTABLE_LABEL_SELECTOR', 'SOURCE'];
    expect(configured(Object.fromEntries(names.map((name) => [name, ''])))).toEqual(configured({}));
  });

  test('K13: valid values are taken as they are', () => {
    const configuration = configured({
      API_KEY_SECRET_LOCATION: 'custom:another-custom',
      HOSTS_ANNOTATION: 'trafficHosts',
      PATHS_ANNOTATION: 'publicPaths',
      PORT: '81',
      ROUTABLE_LABEL_SELECTOR: 'route-me=true',
    });
    expect(configuration).toMatchObject({
      edge: { httpPort: 81 },
      pods: {
        apiKeySecret: { name: 'custom', key: 'another-custom' },
        hostsAnnotation: 'trafficHosts',
        pathsAnnotation: 'publicPaths',
        selector: 'route-me=true',
      },
    });
  });

  test.each([
    [
      { API_KEY_SECRET_LOCATION: 'routing' },
      'API_KEY_SECRET_LOCATION is not in the format of {API_KEY_SECRET_NAME}:{API_KEY_SECRET_DATA_FIELD_NAME}',
    ],
    [
      { API_KEY_SECRET_LOCATION: 'a:b:c' },
      'API_KEY_SECRET_LOCATION is not in the format of {API_KEY_SECRET_NAME}:{API_KEY_SECRET_DATA_FIELD_NAME}',
    ],
    [{ HOSTS_ANNOTATION: wrong }, `HOSTS_ANNOTATION has an invalid annotation name: ${wrong}`],
    [{ PATHS_ANNOTATION: wrong }, `PATHS_ANNOTATION has an invalid annotation name: ${wrong}`],
    [{ PORT: wrong }, `PORT is an invalid port: ${wrong}`],
    [{ PORT: '-1' }, 'PORT is an invalid port: -1'],
    [{ PORT: '0' }, 'PORT is an invalid port: 0'],
    [{ PORT: '70000' }, 'PORT is an invalid port: 70000'],
    [{ ROUTABLE_LABEL_SELECTOR: wrong }, `ROUTABLE_LABEL_SELECTOR has an invalid label selector: ${wrong}`],
  ])('K13: %j is refused in the original words', (environment, text) => {
    expect(problems(environment as Record<string, string>)).toEqual([text]);
    expect(invalidConfiguration(problems(environment as Record<string, string>))).toBe(
      `Invalid configuration: ${text}.`,
    );
  });

  test('a location with an empty part would protect nothing: it is refused', () => {
    expect([':', 'routing:', ':api-key'].map((text) => problems({ API_KEY_SECRET_LOCATION: text }).length)).toEqual([
      1, 1, 1,
    ]);
  });

  test('several problems come at once, in the original order of the checks', () => {
    const names = [
      'ROUTABLE_LABEL_SELECTOR',
      'PORT',
      'PATHS_ANNOTATION',
      'HOSTS_ANNOTATION',
      'API_KEY_SECRET_LOCATION',
    ];
    const found = problems(Object.fromEntries(names.map((name) => [name, wrong])));
    expect(found.map((text) => text.split(' ')[0])).toEqual(names.toReversed());
  });

  test.each([
    ['1', 1],
    ['65000', 65_000],
    ['+80', 80],
    ['0080', 80],
  ])('PORT %s is %i', (text, port) => {
    expect(configured({ PORT: text }).edge.httpPort).toBe(port);
  });

  test.each([' 80', '8_0', '0x50', '80.0', '1e3'])('PORT %j is no port', (text) => {
    expect(problems({ PORT: text })).toHaveLength(1);
  });

  test.each([
    ['1234m', 1234 * 1024 * 1024],
    ['512', 512],
    ['8K', 8192],
    ['1g', 1024 ** 3],
  ])('CLIENT_MAX_BODY_SIZE %s is %i bytes', (text, bytes) => {
    expect(configured({ CLIENT_MAX_BODY_SIZE: text }).edge.bodyLimitBytes).toBe(bytes);
  });

  test.each(['10m;', '-1', '1t', '1d', '1 m', '99999999g'])('N30: CLIENT_MAX_BODY_SIZE %j is refused', (text) => {
    expect(problems({ CLIENT_MAX_BODY_SIZE: text })).toEqual([`CLIENT_MAX_BODY_SIZE is an invalid size: ${text}`]);
  });

  test.each(['X-Key: a\r\nY', 'X Key', 'X"Key', '', 'X;Key'])('N13: %j is never a header name', (text) => {
    const taken = readConfiguration({ API_KEY_HEADER: text });
    expect(taken.ok ? taken.configuration.edge.keyHeader : 'refused').toBe(
      text === '' ? 'X-ROUTING-API-KEY' : 'refused',
    );
  });

  test('K9: a header name may have every character of a field name', () => {
    expect(configured({ API_KEY_HEADER: 'X-SOMETHING-CUSTOM_API*KEY' }).edge.keyHeader).toBe(
      'X-SOMETHING-CUSTOM_API*KEY',
    );
  });
});

describe('label selectors', () => {
  test.each([
    'routable=true',
    'route-me==true',
    'a!=b',
    'a',
    '!a',
    'a in (b, c)',
    'a notin (b),c=d',
    'example.com/a=b,x',
    'a=',
    'a>1',
  ])('%s is a selector', (text) => {
    expect(configured({ ROUTABLE_LABEL_SELECTOR: text }).pods.selector).toBe(text);
  });

  test.each(['a=b=c', 'a in', 'a in (b', ',', 'a,,b', '=b', 'a/b/c=d', '-a=b', 'a=b-', `${'a'.repeat(64)}=b`, 'a b'])(
    '%s is no selector',
    (text) => {
      expect(problems({ ROUTABLE_LABEL_SELECTOR: text })).toHaveLength(1);
    },
  );
});

describe('public and private side by side', () => {
  test('the multipurpose manifest of the original gives two routers of one program', () => {
    const open = configured({
      API_KEY_SECRET_LOCATION: 'routing:public-api-key',
      HOSTS_ANNOTATION: 'publicHosts',
      PATHS_ANNOTATION: 'publicPaths',
    });
    const internal = configured({
      API_KEY_SECRET_LOCATION: 'routing:private-api-key',
      HOSTS_ANNOTATION: 'privateHosts',
      PATHS_ANNOTATION: 'privatePaths',
      PORT: '81',
    });
    expect([open.edge.httpPort, internal.edge.httpPort]).toEqual([80, 81]);
    expect([open.pods.apiKeyAnnotation, internal.pods.apiKeyAnnotation]).toEqual(['publicApiKey', 'privateApiKey']);
    expect(internal.pods.apiKeySecret).toEqual({ name: 'routing', key: 'private-api-key' });
  });

  test('an annotation of another shape has the demand in routingApiKey, or where one says', () => {
    expect(configured({ HOSTS_ANNOTATION: 'example.com/names' }).pods.apiKeyAnnotation).toBe('routingApiKey');
    expect(configured({ API_KEY_ANNOTATION: 'example.com/key' }).pods.apiKeyAnnotation).toBe('example.com/key');
  });
});

describe('Ingresses', () => {
  test('they are served over TLS too, and an unknown host is 404', () => {
    expect(configured({ SOURCE: 'ingresses' })).toMatchObject({
      source: 'ingresses',
      edge: { httpPort: 80, httpsPort: 443, unknownHost: '404', acme: true },
      ingresses: { controller: 'edgeplane.dev/router', defaultCertificate: null, publishService: null },
    });
  });

  test('a certificate and a Service are named with their namespace', () => {
    const { ingresses } = configured({
      SOURCE: 'ingresses',
      DEFAULT_CERTIFICATE: 'edge/default',
      PUBLISH_SERVICE: 'edge/router',
    });
    expect(ingresses.defaultCertificate).toEqual({ namespace: 'edge', name: 'default' });
    expect(ingresses.publishService).toEqual({ namespace: 'edge', name: 'router' });
  });

  test.each([
    [{ SOURCE: 'services' }, 'SOURCE is an invalid source: services'],
    [{ UNKNOWN_HOST: '503' }, 'UNKNOWN_HOST is an invalid answer: 503'],
    [{ PROXY_PROTOCOL: 'yes' }, 'PROXY_PROTOCOL is an invalid switch: yes'],
    [{ TRUSTED_ADDRESSES: '10.0.0.0/8 x' }, 'TRUSTED_ADDRESSES is an invalid list of CIDR ranges: 10.0.0.0/8 x'],
    [{ TRUSTED_ADDRESSES: '10.0.0.1' }, 'TRUSTED_ADDRESSES is an invalid list of CIDR ranges: 10.0.0.1'],
    [{ PUBLISH_SERVICE: 'router' }, 'PUBLISH_SERVICE is an invalid object name (NAMESPACE/NAME): router'],
    [{ DEFAULT_CERTIFICATE: 'a/b/c' }, 'DEFAULT_CERTIFICATE is an invalid object name (NAMESPACE/NAME): a/b/c'],
    [{ WORKERS: '0' }, 'WORKERS is an invalid number of workers: 0'],
    [{ DRAIN_TIME: '2h' }, 'DRAIN_TIME is an invalid time: 2h'],
    [{ INGRESS_CONTROLLER: 'nginx' }, 'INGRESS_CONTROLLER is an invalid controller name: nginx'],
  ])('%j is refused', (environment, text) => {
    expect(problems(environment as Record<string, string>)).toEqual([text]);
  });

  test('ranges of both kinds are trusted', () => {
    const from = ['10.0.0.0/8', 'fd00::/8'];
    expect(configured({ TRUSTED_ADDRESSES: '10.0.0.0/8, fd00::/8' }).edge.clientAddress).toEqual({
      kind: 'header',
      from,
    });
  });

  test('a PROXY header is believed from named senders only', () => {
    const from = ['10.0.0.0/8'];
    expect(problems({ PROXY_PROTOCOL: 'true' })).toEqual([
      'PROXY_PROTOCOL needs the load balancers it is from in TRUSTED_ADDRESSES',
    ]);
    expect(configured({ PROXY_PROTOCOL: 'true', TRUSTED_ADDRESSES: '10.0.0.0/8' }).edge.clientAddress).toEqual({
      kind: 'proxyProtocol',
      from,
    });
  });

  test('the ports that clients see are those that are listened on, unless somebody says others', () => {
    expect(configured({ SOURCE: 'ingresses', PORT: '8080', PUBLIC_PORT: '80', HTTPS_PORT: '8443' }).edge).toMatchObject(
      {
        httpPort: 8080,
        httpsPort: 8443,
        publicPorts: { http: 80, https: 8443 },
      },
    );
  });
});

describe('printing', () => {
  test('a line for each variable of the source, those of the original among them', () => {
    expect(describeConfiguration(configured({ HTTPS_PORT: '8443' }))).toEqual([
      'SOURCE=pods',
      'PORT=80',
      'PUBLIC_PORT=80',
      'HTTPS_PORT=8443',
      'PUBLIC_HTTPS_PORT=8443',
      'HEALTH_PORT=8081',
      'CLIENT_MAX_BODY_SIZE=0',
      'UNKNOWN_HOST=close',
      'TRUSTED_ADDRESSES=none',
      'PROXY_PROTOCOL=false',
      'IPV6=false',
      'ACME=true',
      'ACCESS_LOG=true',
      'DRAIN_TIME=240000ms',
      'WORKERS=2',
      'REFUSED_TARGETS=none',
      'API_KEY_HEADER=X-ROUTING-API-KEY',
      'API_KEY_SECRET_LOCATION=routing:api-key',
      'HOSTS_ANNOTATION=routingHosts',
      'PATHS_ANNOTATION=routingPaths',
      'API_KEY_ANNOTATION=routingApiKey',
      'ROUTABLE_LABEL_SELECTOR=routable=true',
      'PATH_MATCH=segments',
    ]);
  });

  test('what is printed reads back as the same configuration', () => {
    const given = configured({
      SOURCE: 'ingresses',
      PUBLISH_SERVICE: 'edge/router',
      TRUSTED_ADDRESSES: '10.0.0.0/8',
      REFUSED_TARGETS: '10.96.0.1/32',
    });
    const printed = describeConfiguration(given).map((line) => [line.split('=')[0] ?? '', line.replace(/^[^=]*=/, '')]);
    expect(configured(Object.fromEntries(printed) as Record<string, string>)).toEqual(given);
  });
});

describe('docs/pod-router.md', () => {
  const page = readFileSync(path.resolve(__dirname, '../../../docs/pod-router.md'), 'utf8');
  const table = page.slice(page.indexOf('## Configuration'), page.indexOf('## What differs'));
  const documented = [...table.matchAll(/`([A-Z0-9_]+)`(?=[^|]*\|[^|]*\|[^|]*\|$)/gm)].map(([, name]) => name);

  test('lists every variable that is printed at the start, and no other', () => {
    const printed = ['pods', 'ingresses'].flatMap((source) => describeConfiguration(configured({ SOURCE: source })));
    const names = new Set(printed.map((line) => line.split('=')[0]));
    expect(documented.toSorted()).toEqual([...names].toSorted());
  });
});
