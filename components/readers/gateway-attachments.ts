import type { Path } from '../model/path.ts';
import type { KnownObjects } from './known-objects.ts';
import { type FoundObject, listAt, type Note, noteAt, textAt } from './kube-object.ts';

/** A doubt for each policy that is attached to a route, or to a Gateway that it is attached to. */
export function policyDoubts(route: FoundObject, { policies }: KnownObjects): readonly Note[] {
  const parents = parentsOf(route);
  const attached = policies.filter(({ object, targets }) =>
    targets.some(
      ({ kind, name }) =>
        (kind === route.kind && name === route.name && object.namespace === route.namespace) ||
        (kind === 'Gateway' && parents.includes(`${object.namespace}/${name}`)),
    ),
  );
  return attached.map(({ object }) => noteAt(route, ['spec'], policyText(object.subject), 'doubt'));
}

function policyText(subject: string) {
  return {
    code: 'attached-policy',
    found: `${subject}, which is attached to this route or its Gateway`,
    expected: 'routes that nothing changes from outside',
    fix: 'Find out by hand who may pass with it.',
  };
}

function parentsOf({ body, namespace }: FoundObject): readonly string[] {
  return listAt(body, 'spec', 'parentRefs').map(
    (parent) => `${textAt(parent, 'namespace') || namespace}/${textAt(parent, 'name')}`,
  );
}

/** The names of the GatewayClasses of the Gateways that a route is attached to; null for one that is not among the objects. */
function classesOf(route: FoundObject, known: KnownObjects): readonly (string | null)[] {
  return parentsOf(route).map((id) => {
    const gateway = known.gateways.get(id);
    return gateway === undefined ? null : textAt(gateway.body, 'spec', 'gatewayClassName');
  });
}

/** Whether every GatewayClass of a route lists ExternalAuth as supported. */
export function supportsExternalAuth(route: FoundObject, known: KnownObjects): boolean {
  const classes = classesOf(route, known);
  return (
    classes.length > 0 &&
    classes.every((name) => name !== null && features(name, known).includes('HTTPRouteExternalAuth'))
  );
}

function features(name: string, { gatewayClasses }: KnownObjects): readonly string[] {
  return listAt(gatewayClasses.get(name)?.body, 'status', 'supportedFeatures').map((one) => textAt(one, 'name'));
}

/** Whether Traefik serves every Gateway of a route, so that its Middlewares are filters there. */
export function extensionsOfTraefik(route: FoundObject, known: KnownObjects): boolean {
  const classes = classesOf(route, known);
  return classes.length > 0 && classes.every((name) => name !== null && isTraefikClass(name, known));
}

function isTraefikClass(name: string, { gatewayClasses }: KnownObjects): boolean {
  const controller = textAt(gatewayClasses.get(name)?.body, 'spec', 'controllerName');
  return controller === '' ? name === 'traefik' : controller === 'traefik.io/gateway-controller';
}

/** An error for each backend of another namespace that no ReferenceGrant there lets this route name. */
export function grantNotes(route: FoundObject, path: Path, known: KnownObjects): readonly Note[] {
  return listAt(route.body, ...path, 'backendRefs').flatMap((backend, index) => {
    const namespace = textAt(backend, 'namespace') || route.namespace;
    if (namespace === route.namespace || isGranted(route, namespace, textAt(backend, 'name'), known)) return [];
    const found = `the Service ${namespace}/${textAt(backend, 'name')}, which no ReferenceGrant among these objects lets this route name`;
    const text = {
      code: 'missing-reference-grant',
      found,
      expected: `a ReferenceGrant in ${namespace} from HTTPRoute ${route.namespace} to Service`,
      fix: 'Write the grant, or read the file that has it too: without it the Gateway answers 500.',
    };
    return [noteAt(route, [...path, 'backendRefs', index], text, 'error')];
  });
}

function isGranted(route: FoundObject, namespace: string, name: string, { referenceGrants }: KnownObjects): boolean {
  return referenceGrants.some(
    (grant) =>
      grant.namespace === namespace &&
      listAt(grant.body, 'spec', 'from').some(
        (from) => textAt(from, 'kind') === route.kind && textAt(from, 'namespace') === route.namespace,
      ) &&
      listAt(grant.body, 'spec', 'to').some(
        (to) => textAt(to, 'kind') === 'Service' && ['', name].includes(textAt(to, 'name')),
      ),
  );
}
