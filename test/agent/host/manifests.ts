/** As kubeadm 1.20 writes it. */
export const kubeadm120 = `apiVersion: v1
kind: Pod
metadata:
  annotations:
    kubeadm.kubernetes.io/etcd.advertise-client-urls: https://10.0.0.11:2379
  creationTimestamp: null
  labels:
    component: etcd
    tier: control-plane
  name: etcd
  namespace: kube-system
spec:
  containers:
  - command:
    - etcd
    - --advertise-client-urls=https://10.0.0.11:2379
    - --cert-file=/etc/kubernetes/pki/etcd/server.crt
    - --client-cert-auth=true
    - --data-dir=/var/lib/etcd
    - --initial-advertise-peer-urls=https://10.0.0.11:2380
    - --initial-cluster=cp1=https://10.0.0.11:2380
    - --key-file=/etc/kubernetes/pki/etcd/server.key
    - --listen-client-urls=https://127.0.0.1:2379,https://10.0.0.11:2379
    - --listen-metrics-urls=http://127.0.0.1:2381
    - --name=cp1
    - --peer-cert-file=/etc/kubernetes/pki/etcd/peer.crt
    - --peer-key-file=/etc/kubernetes/pki/etcd/peer.key
    - --trusted-ca-file=/etc/kubernetes/pki/etcd/ca.crt
    image: k8s.gcr.io/etcd:3.4.13-0
    livenessProbe: {httpGet: {host: 127.0.0.1, path: /health, port: 2381}}
    name: etcd
    volumeMounts:
    - mountPath: /var/lib/etcd
      name: etcd-data
    - mountPath: /etc/kubernetes/pki/etcd
      name: etcd-certs
  hostNetwork: true
  volumes:
  - hostPath:
      path: /etc/kubernetes/pki/etcd
      type: DirectoryOrCreate
    name: etcd-certs
  - hostPath:
      path: /var/lib/etcd
      type: DirectoryOrCreate
    name: etcd-data
status: {}
`;

/** From 1.31 on: other probes, a feature gate, no more annotations of null. */
export const kubeadm131 = kubeadm120
  .replace('  creationTimestamp: null\n', '')
  .replace('k8s.gcr.io/etcd:3.4.13-0', 'registry.k8s.io/etcd:3.5.15-0')
  .replace(
    '    - --initial-cluster=',
    '    - --experimental-initial-corrupt-check=true\n    - --experimental-watch-progress-notify-interval=5s\n    - --initial-cluster=',
  )
  .replace('path: /health, port: 2381', 'path: /livez, port: probe-port')
  .replace(
    '    name: etcd\n    volumeMounts',
    '    name: etcd\n    ports: [{containerPort: 2381, name: probe-port, protocol: TCP}]\n    volumeMounts',
  );

/** One etcd pod as JSON with what a case changes. */
export function podWith(container: object, volumes: readonly object[] = [], labels: object = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'etcd', namespace: 'kube-system', labels },
    spec: { containers: [{ name: 'etcd', image: 'registry.k8s.io/etcd:3.5.15-0', ...container }], volumes },
  });
}
