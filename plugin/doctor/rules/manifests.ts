/** What the kubelets are told to run. */
import { posix } from 'node:path';
import { examined, factsOf } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import { whyStopped } from '../why-stopped.ts';

/** A file that was put aside in the kubelet's own folder: it runs, whatever its name (k8s#129364). */
export const copyLeft: Rule = (observation) =>
  examined(observation).flatMap(({ name: node, examination: { manifests, noEtcd } }): Finding[] => {
    const pods = manifests?.pods ?? [];
    // One pod twice, or two that run etcd.
    const twice = [
      ...Map.groupBy(pods, ({ namespace, name, runsEtcd }) => (runsEtcd ? 'etcd' : `${namespace}/${name}`)).values(),
    ];
    return twice.flatMap((files): Finding[] => {
      if (files.length < 2) return [];
      const original = files.find(({ file, name }) => posix.basename(file) === `${name}.yaml`) ?? files[0];
      const copies = files.filter((each) => each !== original).map(({ file }) => file);
      const differ = noEtcd?.reason === 'two-etcd-manifests' && files.some(({ runsEtcd }) => runsEtcd);
      return [
        {
          severity: differ ? 'critical' : 'warning',
          rule: 'manifest-copy',
          what: `a copy of ${original?.name ?? ''}'s manifest lies in the kubelet's folder on ${node}, and the kubelet may run it instead`,
          where: [node],
          evidence: [
            ...files.map(({ file, namespace, name }) => `${file} is the pod ${namespace}/${name}`),
            'the kubelet reads every file there whose name does not begin with a dot (k8s#129364)',
            ...(differ ? [noEtcd.why ?? noEtcd.what] : []),
          ],
          commands: [`on ${node}, if that is the one that is not meant: mv ${copies.join(' ')} /root/`],
        },
      ];
    });
  });

export const unreadableManifest: Rule = (observation) =>
  examined(observation).flatMap(({ name, examination: { manifests } }): Finding[] =>
    (manifests?.unreadable ?? []).length === 0
      ? []
      : [
          {
            severity: 'warning',
            rule: 'manifest-unreadable',
            what: `in the kubelet's folder on ${name} lies what is no manifest`,
            where: [name],
            evidence: manifests?.unreadable ?? [],
            commands: [`on ${name}: ls -la ${manifests?.folder ?? ''}`],
          },
        ],
  );

/**
 * kubeadm's init, and each of its upgrades, writes --initial-cluster with this node alone and no state. Where data is there both are ignored; a node whose
 * disk was wiped forms an empty cluster of its own with it, and its API server serves that.
 */
export const wouldBeAlone: Rule = (observation) => {
  const facts = factsOf(observation);
  // Before the members are known, nobody can say that there are others.
  if (facts.members.length < 2) return [];
  const alone = examined(observation).filter(({ examination: { etcd } }) => {
    const { cluster, state } = etcd?.initial ?? {};
    return cluster !== undefined && state !== 'existing' && cluster.split(',').length === 1;
  });
  if (alone.length === 0) return [];
  // Where the data has gone already, the next start is the one that does it.
  const imminent = alone.filter(({ examination }) => {
    const stopped = whyStopped(examination);
    return examination.disk?.hasMember === false || stopped?.ailment === 'data-missing';
  });
  const where = alone.map(({ name }) => name);
  return [
    {
      severity: imminent.length > 0 ? 'critical' : facts.quorum === 'kept' ? 'info' : 'warning',
      rule: 'initial-cluster-alone',
      what:
        imminent.length > 0
          ? `${imminent.map(({ name }) => name).join(', ')} has no data, and its manifest would make an empty cluster of its own out of that`
          : `${where.join(', ')} would form an empty cluster of its own if its data were lost: its manifest names it alone (kubeadm's default)`,
      where,
      evidence: alone.map(
        ({ name, examination: { etcd } }) =>
          `${name}: --initial-cluster=${etcd?.initial?.cluster ?? ''}, and no --initial-cluster-state=existing`,
      ),
      commands: [
        ...imminent.map(({ name }) => `kubectl etcd member rejoin ${name}`),
        'in kubeadm-config (kubectl -n kube-system edit configmap kubeadm-config), under etcd.local.extraArgs, "initial-cluster-state: existing"; as kubeadm v1beta4 writes it: "- name: initial-cluster-state", "value: existing"',
        ...where.map(
          (node) =>
            `on ${node}: add --initial-cluster-state=existing to etcd in its manifest, in a quiet hour: etcd starts anew`,
        ),
      ],
    },
  ];
};

/** What a recovery by hand has left: with the next start it leaves the others, and there are two clusters. */
export const forceLeft: Rule = (observation) => {
  const forcing = examined(observation).filter(
    ({ examination: { etcd, openOperation } }) =>
      etcd?.initial?.forcesNewCluster === true && openOperation === undefined,
  );
  if (forcing.length === 0) return [];
  const where = forcing.map(({ name }) => name);
  return [
    {
      severity: 'critical',
      rule: 'force-new-cluster-left',
      what: `${where.join(', ')} still has --force-new-cluster: with its next start it leaves the other members`,
      where,
      evidence: forcing.map(({ name, examination: { etcd } }) => `${name}: ${etcd?.source ?? ''}`),
      commands: where.map((node) => `on ${node}: take --force-new-cluster out of etcd's manifest`),
    },
  ];
};

/** While etcd serves, an API server that does not is another's fault. */
export const apiServerNotReady: Rule = (observation) => {
  if (factsOf(observation).quorum !== 'kept') return [];
  const down = examined(observation).filter(
    ({ examination: { apiServer, member } }) =>
      apiServer !== undefined && apiServer.state !== 'ready' && member !== undefined,
  );
  if (down.length === 0) return [];
  const where = down.map(({ name }) => name);
  return [
    {
      severity: 'warning',
      rule: 'api-server-not-ready',
      what: `etcd serves, and the API server of ${where.join(', ')} does not`,
      where,
      evidence: down.map(({ name, examination: { apiServer } }) => `${name}: ${apiServer?.why ?? 'it is silent'}`),
      commands: where.map((node) => `on ${node}: crictl ps -a --name kube-apiserver; crictl logs of the newest`),
    },
  ];
};
