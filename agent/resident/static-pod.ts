import { stringify } from 'yaml';
import { staticPodName } from './places.ts';

/** The static pod of the resident agent, for hosts without systemd: of the keeper's own image, which the node therefore has. */
export function staticPodText(options: {
  readonly image: string;
  readonly stateDirectory: string;
  readonly variables: Readonly<Record<string, string>>;
}): string {
  const { image, stateDirectory, variables } = options;
  const volume = (name: string, path: string, type: string) => ({ name, hostPath: { path, type } });
  return stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: staticPodName, namespace: 'kube-system', labels: { 'app.kubernetes.io/name': staticPodName } },
    spec: {
      hostNetwork: true,
      hostPID: true,
      priorityClassName: 'system-node-critical',
      terminationGracePeriodSeconds: 30,
      tolerations: [{ operator: 'Exists' }],
      containers: [
        {
          name: 'agent',
          image,
          imagePullPolicy: 'IfNotPresent',
          args: ['serve'],
          env: Object.entries({ ...variables, KUBECTL_ETCD_HOST_ROOT: '/host' }).map(([name, value]) => ({
            name,
            value,
          })),
          securityContext: { privileged: true, runAsUser: 0 },
          volumeMounts: [
            { name: 'host', mountPath: '/host', mountPropagation: 'HostToContainer' },
            { name: 'run', mountPath: '/run/kubectl-etcd' },
            { name: 'state', mountPath: stateDirectory },
          ],
        },
      ],
      volumes: [
        volume('host', '/', 'Directory'),
        volume('run', '/run/kubectl-etcd', 'DirectoryOrCreate'),
        volume('state', stateDirectory, 'DirectoryOrCreate'),
      ],
    },
  });
}
