import { describe, expect, test } from '@jest/globals';
import { programVersion } from '../../../core/version.ts';
import { checkedClusterName, installationObjects } from '../../../plugin/install/objects.ts';

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
