import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { withProbes } from './etcd-probes.ts';

/** What kubeadm 1.20 writes, of the parts that matter here. */
const manifest = `apiVersion: v1
kind: Pod
spec:
  containers:
  - command:
    - etcd
    image: k8s.gcr.io/etcd:lab
    livenessProbe:
      failureThreshold: 8
      httpGet:
        host: 127.0.0.1
        path: /health
        port: 2381
        scheme: HTTP
      initialDelaySeconds: 10
      periodSeconds: 10
      timeoutSeconds: 15
    name: etcd
    startupProbe:
      failureThreshold: 24
      httpGet:
        host: 127.0.0.1
        path: /health
        port: 2381
        scheme: HTTP
      initialDelaySeconds: 10
      periodSeconds: 10
      timeoutSeconds: 15
  hostNetwork: true
`;

test('health leaves every byte', () => {
  expect(withProbes(manifest, 'health')).toBe(manifest);
});

test('livez gives the three probes of kubeadm 1.31, and changes nothing else', () => {
  const httpGet = { host: '127.0.0.1', port: 2381, scheme: 'HTTP' };
  const [container] = (parse(manifest) as { spec: { containers: Record<string, unknown>[] } }).spec.containers;
  expect(parse(withProbes(manifest, 'livez'))).toEqual({
    apiVersion: 'v1',
    kind: 'Pod',
    spec: {
      hostNetwork: true,
      containers: [
        {
          ...container,
          livenessProbe: {
            ...{ httpGet: { ...httpGet, path: '/livez' }, failureThreshold: 8 },
            ...{ initialDelaySeconds: 10, periodSeconds: 10, timeoutSeconds: 15 },
          },
          readinessProbe: {
            ...{ httpGet: { ...httpGet, path: '/readyz' }, failureThreshold: 3 },
            ...{ periodSeconds: 1, timeoutSeconds: 15 },
          },
          startupProbe: {
            ...{ httpGet: { ...httpGet, path: '/readyz' }, failureThreshold: 24 },
            ...{ initialDelaySeconds: 10, periodSeconds: 10, timeoutSeconds: 15 },
          },
        },
      ],
    },
  });
});

test('it can be done twice', () => {
  const once = withProbes(manifest, 'livez');
  expect(withProbes(once, 'livez')).toBe(once);
});
