/** How the API server names things in etcd: PREFIX/resource[/namespace]/name, with the group in front for what is not built in. */
export interface KeyName {
  /** The plural, as kubectl takes it: `pods`, `widgets.example.com`. */
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** Where the path in etcd is not the resource's plural (registry storage's resource prefixes). */
const unusual: readonly (readonly [path: string, resource: string])[] = [
  ['services/specs', 'services'],
  ['services/endpoints', 'endpoints'],
  ['minions', 'nodes'],
  ['controllers', 'replicationcontrollers'],
  ['ingress', 'ingresses'],
  ['podsecuritypolicy', 'podsecuritypolicies'],
];

const shortNames: Readonly<Record<string, string>> = {
  cm: 'configmaps',
  crd: 'customresourcedefinitions.apiextensions.k8s.io',
  crds: 'customresourcedefinitions.apiextensions.k8s.io',
  cj: 'cronjobs',
  csr: 'certificatesigningrequests',
  customresourcedefinitions: 'customresourcedefinitions.apiextensions.k8s.io',
  apiservices: 'apiservices.apiregistration.k8s.io',
  deploy: 'deployments',
  ds: 'daemonsets',
  ep: 'endpoints',
  ev: 'events',
  hpa: 'horizontalpodautoscalers',
  ing: 'ingresses',
  limits: 'limitranges',
  netpol: 'networkpolicies',
  no: 'nodes',
  ns: 'namespaces',
  pc: 'priorityclasses',
  pdb: 'poddisruptionbudgets',
  po: 'pods',
  pv: 'persistentvolumes',
  pvc: 'persistentvolumeclaims',
  quota: 'resourcequotas',
  rc: 'replicationcontrollers',
  rs: 'replicasets',
  sa: 'serviceaccounts',
  sc: 'storageclasses',
  sts: 'statefulsets',
  svc: 'services',
};

export const defaultPrefix = '/registry';

/** What a key is of; undefined where it is no object's. */
export function parseKeyName(key: string, prefix = defaultPrefix): KeyName | undefined {
  if (!key.startsWith(`${prefix}/`)) return undefined;
  const path = key.slice(prefix.length + 1);
  for (const [begin, resource] of unusual)
    if (path.startsWith(`${begin}/`)) return named(resource, path.slice(begin.length + 1).split('/'));
  const [first = '', second, ...rest] = path.split('/');
  if (second === undefined) return undefined;
  // A group has a dot; no built-in resource has.
  return first.includes('.') ? named(`${second}.${first}`, rest) : named(first, [second, ...rest]);
}

function named(resource: string, rest: readonly string[]): KeyName | undefined {
  const [first, ...others] = rest;
  if (first === undefined) return undefined;
  return others.length === 0
    ? { resource, namespace: undefined, name: first }
    : { resource, namespace: first, name: others.join('/') };
}

/** The plurals that a person may mean by what they typed: `po`, `pod`, `pods`, `Pod`, `deployments.apps`. */
export function resourcesMeant(typed: string): readonly string[] {
  const word = typed.toLowerCase();
  const known = shortNames[word];
  if (known !== undefined) return [known];
  const [stem = '', ...group] = word.split('.');
  const plurals = [stem, `${stem}s`, `${stem}es`, stem.replace(/y$/, 'ies')];
  // Built-in groups are not part of the key: `deployments.apps` lies under `deployments`.
  return [
    ...new Set(plurals.flatMap((plural) => [[plural, ...group].join('.'), plural, shortNames[plural] ?? plural])),
  ];
}

/** Every key under which an object that a person names may lie: resources by their possible plurals, with the namespace and without. */
export function keysOf(of: {
  readonly typed: string;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly prefix: string;
}): readonly string[] {
  const { typed, name, namespace, prefix } = of;
  return pathsOf(typed, prefix).flatMap((path) => [
    inBytes(`${path}${namespace ?? 'default'}/${name}`),
    // What has no namespace has none in its key either.
    ...(namespace === undefined ? [inBytes(`${path}${name}`)] : []),
  ]);
}

/** What the keys of a resource begin with, of one namespace or of all. */
export function keyPrefixesOf(of: {
  readonly typed: string;
  readonly namespace: string | undefined;
  readonly prefix: string;
}): readonly string[] {
  const { typed, namespace, prefix } = of;
  return pathsOf(typed, prefix).map((path) => inBytes(namespace === undefined ? path : `${path}${namespace}/`));
}

/** Ending in a slash. */
function pathsOf(typed: string, prefix: string): readonly string[] {
  return resourcesMeant(typed).map((resource) => {
    const [plural = '', ...group] = resource.split('.');
    const path =
      unusual.find(([, known]) => known === resource)?.[0] ??
      [...(group.length > 0 ? [group.join('.')] : []), plural].join('/');
    return `${prefix}/${path}/`;
  });
}

/** As keys are kept here: a character for each byte. */
function inBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
