/** What the restored state does not know, and what is stale in the world outside of it: found out before, said afterwards. */
import type { Plan } from '../../core/operation/plan.ts';
import type { DifferenceGroup } from '../../core/snapshot/difference.ts';
import type { LostDocument } from './lost.ts';
import type { SnapshotFacts } from './snapshot-facts.ts';

type Aftermath = NonNullable<Plan['aftermath']>[number];

/** The most urgent first. */
export function aftermathOf(
  snapshot: Pick<SnapshotFacts, 'clusterUid' | 'hasAgents' | 'webhooks'>,
  lost: LostDocument,
  { bumped }: { readonly bumped: boolean },
): Aftermath[] {
  const found: Aftermath[] = [];
  const groups = lost.live === null ? [] : lost.lost.groups;
  // One that has no kube-system is of no Kubernetes.
  if (!snapshot.hasAgents && snapshot.clusterUid !== undefined)
    found.push({
      what: 'the snapshot is older than the agents: their DaemonSet is not in it; those on the nodes go on by themselves',
      next: 'kubectl etcd install',
    });
  const nodes = groups.filter(({ resource }) => resource === 'nodes');
  if (nodes.length > 0)
    found.push({
      what: `${namesIn(nodes)} joined after this snapshot, and does not register again by itself`,
      next: 'on each of them: systemctl restart kubelet',
    });
  if (!bumped)
    found.push({
      what: 'the revision was not bumped: what watches the API server may show what is no more',
      next: 'restart every kubelet, and the pods of every controller and operator',
    });
  if (snapshot.webhooks.length > 0)
    found.push({
      what: `webhooks may refuse writes until their pods run again: ${snapshot.webhooks.slice(0, 5).join(', ')}`,
      next: 'kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations',
    });
  const credentials = groups.filter(({ resource }) => credentialKinds.has(resource));
  if (credentials.length > 0)
    found.push({
      what: `what was issued since the snapshot does not count any more: ${namesIn(credentials)}`,
      next: 'kubeadm token create makes a new bootstrap token; service accounts get new tokens when their pods start anew',
    });
  const pods = groups.filter(({ resource }) => resource === 'pods').reduce((sum, { keys }) => sum + keys, 0);
  if (pods > 0)
    found.push({
      what: `${pods} ${pods === 1 ? 'pod runs that is' : 'pods run that are'} not known any more: the kubelets end them`,
      next: 'kubectl get pods -A -w',
    });
  return found;
}

const credentialKinds: ReadonlySet<string> = new Set([
  'serviceaccounts',
  'secrets',
  'certificatesigningrequests',
  'certificatesigningrequests.certificates.k8s.io',
]);

/** `worker-8, worker-9 and 3 more`. */
function namesIn(groups: readonly DifferenceGroup[]): string {
  const named = groups.flatMap(({ examples, namespace }) =>
    examples.map((name) => (namespace === undefined ? name : `${namespace}/${name}`)),
  );
  const more = groups.reduce((sum, { keys }) => sum + keys, 0) - Math.min(named.length, 5);
  return `${named.slice(0, 5).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
