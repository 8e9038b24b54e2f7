import { explainValue, type ValueOrigin } from '../components/compile/resolve/explain-value.ts';
import { didYouMean } from '../components/compile/resolve/suggestion.ts';
import type { ParsedDefinition, ParsedEnvironment } from '../components/model/definition.ts';
import type { Path } from '../components/model/path.ts';
import type { Fact } from './explanation.ts';
import { formatPlace } from './finding-words.ts';
import { usageError } from './io.ts';

interface Read {
  readonly environment: ParsedEnvironment;
  readonly definitions: readonly ParsedDefinition[];
}

/**
 * Which layer decided the value at a place as `cart.routes[0].tls`, or `shop/cart.replicas` with the namespace.
 *
 * @throws {ExitError} for a place that names no app, and for a name that two namespaces have
 */
export function explainValueAt({ environment, definitions }: Read, text: string): readonly Fact[] {
  const parts = /^(?:([a-z0-9-]+)\/)?([a-z0-9-]+)\.(.+)$/.exec(text);
  if (parts === null) throw usageError(`${JSON.stringify(text)} is no place in an app, as cart.routes[0].tls`);
  const [, namespace, name = '', rest = ''] = parts;
  const named = definitions.filter(
    ({ value }) =>
      value.name === name && (namespace === undefined || (value.namespace ?? environment.namespace) === namespace),
  );
  const [definition, other] = named;
  if (definition === undefined) {
    const names = definitions.map(({ value }) => value.name);
    throw usageError(
      `no app is named ${JSON.stringify(name)}, apps are ${names.join(', ')}.${didYouMean(name, names)}`,
    );
  }
  if (other !== undefined) throw usageError(`several apps are named ${name}; write namespace/${name}.${rest}`);
  return [['value', text], ...originFacts(explainValue(environment, definition, readPath(rest)))];
}

function originFacts(origin: ValueOrigin): readonly Fact[] {
  if (origin.layer === 'default') return [['layer', 'default']];
  return [
    ['layer', origin.layer],
    ['written', formatPlace(origin.at)],
  ];
}

/** `routes[0].tls` as steps. Names with other characters stand in brackets and quotes: `env["A.B"]`. */
function readPath(text: string): Path {
  const steps = [...text.matchAll(/\[(\d+)\]|\["([^"]*)"\]|\.?([^.[\]]+)/g)];
  if (steps.map(([step]) => step).join('') !== text)
    throw usageError(`${JSON.stringify(text)} is no path, as routes[0].tls`);
  return steps.map(([, index, quoted, name]) => (index === undefined ? (quoted ?? name ?? '') : Number(index)));
}
