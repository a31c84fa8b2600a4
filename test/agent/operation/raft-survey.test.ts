/** How much of the log a member holds, asked of it while it answers, and of its files when it does not. */
import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { MemberClient } from '../../../agent/etcd/member-client.ts';
import { HostRoot } from '../../../agent/host/root.ts';
import { raftOf } from '../../../agent/operation/raft-survey.ts';
import { freePort, realEtcd, startEtcd } from '../tools/real-etcd.ts';

const look = { root: new HostRoot('/'), node: 'n1' };

test('of a member that runs, that hangs, and that was killed', async () => {
  const work = mkdtempSync('/tmp/raft-survey-');
  try {
    const { folder } = await realEtcd('3.5');
    const dataDirectory = join(work, 'data');
    const peerUrl = `http://127.0.0.1:${await freePort()}`;
    const argv = [join(folder, 'etcd')];
    const etcd = await startEtcd({ argv, folder, dataDirectory, name: 'n1', peerUrl });
    for (let key = 0; key < 5; key += 1) etcd.ctl('put', `/key/${key}`, 'x');
    using client = new MemberClient({ url: etcd.clientUrl, credentials: {} });
    const status = await client.status(2_000);
    const { clusterId, memberId } = status.header;
    const index = status.raftIndex;
    expect(await raftOf({ dataDir: dataDirectory }, status, look)).toEqual({
      raft: {
        ...{ clusterId, memberId, revision: 6, source: 'live', commitIndex: index, appliedIndex: index },
        ...{ lastEntry: { term: status.raftTerm, index }, entriesAboveCommit: 0 },
      },
    });

    process.kill(etcd.pid, 'SIGSTOP');
    expect(await raftOf({ dataDir: dataDirectory }, undefined, look)).toMatchObject({
      noRaft: { reason: 'data-in-use', node: 'n1' },
    });
    process.kill(etcd.pid, 'SIGCONT');
    await etcd[Symbol.asyncDispose]();
    const { raft } = await raftOf({ dataDir: dataDirectory }, undefined, look);
    expect(raft).toMatchObject({ clusterId, memberId, source: 'disk', lastEntry: { term: status.raftTerm, index } });
    expect(raft?.commitIndex).toBeLessThanOrEqual(index);
    expect((raft?.commitIndex ?? 0) + (raft?.entriesAboveCommit ?? 0)).toBe(index);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}, 60_000);

test('of none at all: that there is none', async () => {
  expect(await raftOf({ dataDir: '/nonexistent' }, undefined, look)).toMatchObject({
    noRaft: { reason: 'snapshot-not-found' },
  });
});
