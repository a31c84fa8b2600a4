/** Which resources are named first where there is no room for all: what a person wrote and nobody makes again, then what controllers make. */

/** Hundreds at any time, and of no interest an hour later. */
const noise = new Set(['events', 'leases', 'masterleases']);

/** Made from others by controllers, which make them again. */
const derived = new Set([
  ...['pods', 'replicasets', 'controllerrevisions', 'endpoints', 'endpointslices', 'jobs', 'volumeattachments'],
  ...['csinodes', 'csistoragecapacities', 'podtemplates', 'nodes', 'certificatesigningrequests', 'ranges'],
  ...[
    'apiservices.apiregistration.k8s.io',
    'prioritylevelconfigurations',
    'flowschemas',
    'servicecidrs',
    'ipaddresses',
  ],
]);

/** What a service stands and falls with. */
const first = [
  ...['persistentvolumeclaims', 'persistentvolumes', 'statefulsets', 'deployments', 'daemonsets', 'cronjobs'],
  ...['services', 'ingresses', 'secrets', 'configmaps', 'customresourcedefinitions.apiextensions.k8s.io'],
];

export function isNoise(resource: string): boolean {
  return noise.has(resource);
}

/** The lower, the more it matters. Custom resources count as what people write. */
export function rankOf(resource: string): number {
  const place = first.indexOf(resource);
  if (place >= 0) return place;
  if (noise.has(resource)) return first.length + 2;
  return first.length + (derived.has(resource) ? 1 : 0);
}
