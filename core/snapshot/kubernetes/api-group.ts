/**
 * The API groups of what Kubernetes builds in: its keys in etcd (`/registry/deployments/...`) do not tell them, while an encryption configuration
 * matches by them. From the storage of Kubernetes 1.16 to 1.36, what has since gone included.
 */
const groups: Readonly<Record<string, string>> = {
  '': `apiserveripinfo configmaps controllers endpoints events limitranges masterleases minions namespaces nodes peerserverleases persistentvolumeclaims
    persistentvolumes pods podtemplates ranges replicationcontrollers resourcequotas secrets serviceaccounts services`,
  'admissionregistration.k8s.io': `mutatingadmissionpolicies mutatingadmissionpolicybindings mutatingwebhookconfigurations
    validatingadmissionpolicies validatingadmissionpolicybindings validatingwebhookconfigurations`,
  apps: 'controllerrevisions daemonsets deployments replicasets statefulsets',
  'auditregistration.k8s.io': 'auditsinks',
  autoscaling: 'horizontalpodautoscalers',
  batch: 'cronjobs jobs',
  'certificates.k8s.io': 'certificatesigningrequests clustertrustbundles podcertificaterequests',
  'coordination.k8s.io': 'leasecandidates leases',
  'discovery.k8s.io': 'endpointslices',
  'flowcontrol.apiserver.k8s.io': 'flowschemas prioritylevelconfigurations',
  'internal.apiserver.k8s.io': 'storageversions',
  'networking.k8s.io': 'clustercidrs ingressclasses ingresses ipaddresses networkpolicies servicecidrs',
  'node.k8s.io': 'runtimeclasses',
  policy: 'poddisruptionbudgets podsecuritypolicies',
  'rbac.authorization.k8s.io': 'clusterrolebindings clusterroles rolebindings roles',
  'resource.k8s.io': `deviceclasses devicetaintrules podschedulingcontexts resourceclaimparameters resourceclaims resourceclaimtemplates
    resourceclasses resourceclassparameters resourcepoolstatusrequests resourceslices`,
  'scheduling.k8s.io': 'podgroups priorityclasses workloads',
  'settings.k8s.io': 'podpresets',
  'storage.k8s.io': 'csidrivers csinodes csistoragecapacities storageclasses volumeattachments volumeattributesclasses',
  'storagemigration.k8s.io': 'storageversionmigrations',
};
const groupOf = new Map(
  Object.entries(groups).flatMap(([group, resources]) =>
    resources.split(/\s+/).map((resource): [string, string] => [resource, group]),
  ),
);

export interface GroupResource {
  /** `''` is the core group; undefined for a built-in resource of a newer Kubernetes, whose group is not known. */
  readonly group: string | undefined;
  readonly resource: string;
}

/** What `parseKeyName` names: `deployments` is of `apps`, `widgets.example.com` of `example.com`. */
export function groupResourceOf(resource: string): GroupResource {
  const dot = resource.indexOf('.');
  if (dot === -1) return { resource, group: groupOf.get(resource) };
  return { resource: resource.slice(0, dot), group: resource.slice(dot + 1) };
}
