import type { HostMatch } from '../../../components/model/route-match.ts';
import type { EdgeSettings } from '../routing-table.ts';
import { block, type Directive, directive } from './directive.ts';
import { listenDirectives, nameDirectives } from './server.ts';

/** A host that is closed: nobody serves it, and nobody else may have its requests. */
export interface ClosedHost {
  readonly match: HostMatch;
  /** File with certificate and key; null: its handshakes are refused. */
  readonly certificate: string | null;
  /** A host that is served over plain HTTP alone is closed over TLS alone. */
  readonly plain: boolean;
}

/** The server of a closed host: what an unknown host gets, before any wildcard and default route. */
export function closedServer({ match, certificate, plain }: ClosedHost, settings: EdgeSettings): Directive {
  const secure = settings.httpsPort !== null;
  const listened = listenDirectives({ match, secure, plain }, settings);
  const shown =
    certificate === null
      ? [directive('ssl_reject_handshake', 'on')]
      : [directive('ssl_certificate', certificate), directive('ssl_certificate_key', certificate)];
  return block(
    'server',
    [],
    [
      ...listened,
      ...nameDirectives({ match }),
      ...(secure ? shown : []),
      block('location', ['/'], [directive('return', settings.unknownHost === 'close' ? '444' : '404')]),
    ],
  );
}
