import { describe, expect, test } from '@jest/globals';
import { programVersion } from '../../../core/version.ts';
import { checkedClusterName, installationObjects, templateIn } from '../../../plugin/install/objects.ts';

describe('what install applies', () => {
  test('the manifests, with the name, the image and the version of the plugin', () => {
    const objects = installationObjects({ clusterName: 'prod-eu1', image: 'registry.example.com/agent:v9' });
    expect(objects.map(({ kind }) => kind)).toEqual([
      'Namespace',
      'ServiceAccount',
      'ClusterRole',
      'Role',
      'DaemonSet',
    ]);
    const text = JSON.stringify(objects);
    expect(text).toContain('"image":"registry.example.com/agent:v9"');
    expect(text).toContain('"kubectl-etcd.io/cluster-name":"prod-eu1"');
    expect(text).toContain('{"name":"KUBECTL_ETCD_CLUSTER_NAME","value":"prod-eu1"}');
    expect(text).toContain(`"app.kubernetes.io/version":"${programVersion}"`);
  });

  test("without --image the plugin's own version", () => {
    expect(JSON.stringify(installationObjects({ clusterName: 'a' }))).toContain(
      `kubectl-etcd-agent:v${programVersion}"`,
    );
  });

  test('the same choices give the same template, others another: install knows the pods that it waits for', () => {
    const template = (clusterName: string, image?: string) => templateIn(installationObjects({ clusterName, image }));
    expect(template('a')).toMatch(/^[0-9a-f]{10}$/);
    expect(template('a')).toBe(template('a'));
    expect(new Set([template('a'), template('b'), template('a', 'registry.example.com/agent:v9')]).size).toBe(3);
  });

  test.each(['a', 'prod-eu1', 'Prod.EU-1', 'a'.repeat(63)])('%s can be the name of a cluster', (name) => {
    expect(checkedClusterName(name)).toBe(name);
  });
  test.each(['', '-a', 'a-', '.', '..', 'a/b', 'a b', 'ä', 'a'.repeat(64)])(
    '"%s" cannot: it becomes part of a file name',
    (name) => {
      expect(() => checkedClusterName(name)).toThrow(expect.objectContaining({ reason: 'bad-cluster-name', exit: 2 }));
    },
  );
});
