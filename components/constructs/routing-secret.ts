import type { ISecret } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { Protection } from '../model/schema/app.ts';

export interface RoutingSecretProps {
  /** The Secret, by name or as cdk8s-plus-27 made or imported it. @default routing */
  readonly secret?: string | ISecret;
  /** The key in it. @default api-key */
  readonly key?: string;
}

/**
 * A reference to the secret that callers of a namespace must show. Never holds or makes a value: who makes the Secret
 * is a matter of the environment.
 */
export class RoutingSecret extends Construct {
  /** Callers show it in `X-ROUTING-API-KEY`, as base64. */
  readonly apiKey: Protection;
  /** Callers show it in `Authorization: Bearer`. */
  readonly bearer: Protection;

  constructor(scope: Construct, id: string, props: RoutingSecretProps = {}) {
    super(scope, id);
    const { secret = 'routing', key = 'api-key' } = props;
    const reference = { secret: `${typeof secret === 'string' ? secret : secret.name}:${key}` };
    this.apiKey = { apiKey: reference };
    this.bearer = { bearer: reference };
  }
}
