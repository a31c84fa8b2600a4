import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { detectEtcd } from '../../../agent/host/detect.ts';
import { HostRoot } from '../../../agent/host/root.ts';
import { staticPodText } from '../../../agent/resident/static-pod.ts';
import { environmentText, unitText } from '../../../agent/resident/unit.ts';

describe('what the keeper writes on a node', () => {
  test('the unit: whatever becomes of the agent it comes back, but for its removal', () => {
    const text = unitText('/var/lib/kubectl-etcd');
    expect(text).toMatch(/^ExecStart=\/var\/lib\/kubectl-etcd\/program\/current\/kubectl-etcd-agent serve$/m);
    expect(text).toMatch(/^Restart=always$/m);
    expect(text).toMatch(/^StartLimitIntervalSec=0$/m);
    expect(text).toMatch(/^RestartPreventExitStatus=86$/m);
    expect(text).toMatch(/^WantedBy=multi-user.target$/m);
  });

  test('variables arrive as they were, whatever is in them: systemd reads a double-quoted value as a shell does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (value) => {
        const text = environmentText({ NODE_NAME: value });
        expect(execFileSync('sh', ['-c', `${text}printf %s "$NODE_NAME"`]).toString()).toBe(value);
      }),
      { numRuns: 50 },
    );
  });

  test('the static pod is found by nobody who looks for etcd', async () => {
    const root = mkdtempSync(join(tmpdir(), 'kubectl-etcd-static-'));
    try {
      const manifests = join(root, 'etc/kubernetes/manifests');
      mkdirSync(manifests, { recursive: true });
      const image = 'ghcr.io/kubectl-etcd/kubectl-etcd-agent:v1';
      const text = staticPodText({ image, stateDirectory: '/var/lib/kubectl-etcd', variables: { NODE_NAME: 'cp1' } });
      writeFileSync(join(manifests, 'kubectl-etcd-resident.yaml'), text);
      expect(text).toContain('value: cp1');
      await expect(detectEtcd({ root: new HostRoot(root), node: 'cp1' })).rejects.toMatchObject({
        reason: 'etcd-not-found',
      });
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
