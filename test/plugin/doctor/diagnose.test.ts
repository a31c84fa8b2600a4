/** From what was observed to what is said: one case a line, and for each disaster the commands in their order. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { diagnose } from '../../../plugin/doctor/diagnose.ts';
import {
  agentSilent,
  certificate,
  certificates,
  exits,
  found,
  inDays,
  member,
  observed,
  rulesIn,
} from './observations.ts';
import type { Change } from './observations.ts';

const gone = undefined as never;
const leaderless = (at: number) => ({ member: member(at, undefined, { leader: '0', readMs: gone }) });
const names = ['cp1', 'cp2', 'cp3'];

test('nothing wrong, nothing said', () => {
  const { diagnosis, exit } = diagnose(observed());
  expect(diagnosis.findings).toEqual([]);
  expect(exit).toBe(0);
});

describe('what is decided', () => {
  const crc = 'walpb: crc mismatch';
  const alarm = (kind: string, memberId = 0xa003) => ({ errors: [`memberID:${memberId} alarm:${kind} `] });
  const expired = { certificates: certificates(certificate('etcd-server', { notAfter: inDays(-1) })) };
  const cases: [string, (Change | undefined)[], string, string[], number][] = [
    [
      'quorum there, one node off: no recover and no restore, replace only if it is gone for good',
      [undefined, undefined, agentSilent],
      'critical member-down cp3',
      [
        'kubectl etcd snapshot save --from cp2',
        'switch cp3 on, or connect it, again: its etcd comes back by itself',
        'if it is gone for good: kubectl etcd member remove cp3, and a new machine in its place: kubeadm join --control-plane',
      ],
      1,
    ],
    [
      'quorum there, a damaged log: the member joins anew',
      [undefined, undefined, exits(crc)],
      'critical member-down cp3',
      ['kubectl etcd snapshot save --from cp2', 'kubectl etcd member rejoin cp3'],
      1,
    ],
    [
      'quorum there, the directory is empty',
      [
        undefined,
        undefined,
        exits('x', { disk: { dataDir: '/d', totalBytes: 9e9, freeBytes: 5e9, hasMember: false } }),
      ],
      'critical member-down cp3',
      ['kubectl etcd snapshot save --from cp2', 'kubectl etcd member rejoin cp3'],
      1,
    ],
    [
      'quorum lost, a survivor answers: a snapshot first, then recover from it, naming the dead',
      [leaderless(0), agentSilent, exits(crc)],
      'critical quorum-lost cp2,cp3',
      [
        'kubectl etcd snapshot save --from cp1',
        'cp2: switch on, or connect, again, if that can be: then quorum may come back by itself',
        'make sure that cp2 is off, then: kubectl etcd recover --from cp1 --dead cp2',
      ],
      4,
    ],
    [
      'quorum lost by expired certificates: the data is well everywhere, so neither',
      [0, 1, 2].map(() => exits('tls: bad certificate', expired)),
      'critical quorum-lost cp1,cp2,cp3',
      ['kubectl etcd certs renew', 'if that does not help: kubectl etcd recover'],
      4,
    ],
    [
      'quorum lost by full disks',
      [leaderless(0), exits('wal: no space left on device'), exits('write: no space left on device')],
      'critical quorum-lost cp2,cp3',
      [
        'kubectl etcd snapshot save --from cp1',
        'on cp2: make room on the file system of /var/lib/etcd; df -h /var/lib/etcd',
        'on cp3: make room on the file system of /var/lib/etcd; df -h /var/lib/etcd',
        'if that does not help: kubectl etcd recover --from cp1',
      ],
      4,
    ],
    [
      'nothing left but snapshots',
      [0, 1, 2].map(() => exits(crc, { snapshots: [] })),
      'critical quorum-lost cp1,cp2,cp3',
      [
        'kubectl etcd restore SNAPSHOT, with the newest that you have: kubectl etcd snapshot status shows how old it is',
      ],
      4,
    ],
    [
      'an operation has stopped etcd: go on with that, and begin nothing else',
      [0, 1, 2].map(() =>
        exits('stopped by a signal', {
          process: { state: 'absent' },
          openOperation: { id: 'r-7kq2m', title: 'restore x.db', by: 'anna', undoing: false },
        }),
      ),
      'critical quorum-lost cp1,cp2,cp3',
      [
        'kubectl etcd operation show r-7kq2m',
        'kubectl etcd operation resume r-7kq2m',
        'kubectl etcd operation rollback r-7kq2m',
        'if that does not help: kubectl etcd recover',
      ],
      4,
    ],
    [
      'enough are there and none leads: a network, and nothing to recover from',
      [leaderless(0), leaderless(1), leaderless(2)],
      'critical no-leader',
      [
        'kubectl etcd snapshot save --from cp3',
        'kubectl etcd snapshot save --from cp2',
        'kubectl etcd snapshot save --from cp1',
      ],
      1,
    ],
    [
      'nobody answers: nobody knows',
      [agentSilent, agentSilent, agentSilent],
      'critical quorum-unknown cp1,cp2,cp3',
      ['kubectl etcd status'],
      1,
    ],
    [
      'a wiped node made a cluster of its own: both are saved, it joins anew',
      [undefined, undefined, { member: { ...member(2, ['cp3']), etcdClusterId: 'bad' } }],
      'critical cluster-of-its-own cp3',
      [
        'kubectl etcd snapshot save --from cp3',
        'kubectl etcd snapshot save --from cp1',
        'kubectl etcd member rejoin cp3',
      ],
      1,
    ],
    [
      'NOSPACE, read from Status',
      [0, 1, 2].map((at) => ({ member: member(at, names, alarm('NOSPACE')) })),
      'critical alarm-nospace cp3',
      [
        'kubectl etcd snapshot save --from cp3',
        "on cp1, in etcd's container: etcdctl compact 900; etcdctl defrag --cluster; etcdctl alarm disarm",
      ],
      1,
    ],
    [
      'CORRUPT: the sound ones are saved, the other joins anew',
      [0, 1, 2].map((at) => ({ member: member(at, names, alarm('CORRUPT')) })),
      'critical alarm-corrupt cp3',
      [
        'kubectl etcd snapshot save --from cp2',
        'kubectl etcd snapshot save --from cp1',
        'kubectl etcd member rejoin cp3',
      ],
      1,
    ],
  ];
  test.each(cases)('%s', (_, changes, first, commands, exit) => {
    const observation = observed(changes);
    expect(rulesIn(observation)[0]).toBe(first);
    expect(diagnose(observation).diagnosis.findings[0]?.commands.slice(0, commands.length)).toEqual(commands);
    expect(diagnose(observation).exit).toBe(exit);
  });

  test('of several kept snapshots the newest is named', () => {
    const kept = (days: number) => [{ path: `/kept-${-days}.db`, takenAt: inDays(days), sizeBytes: 1 }];
    const observation = observed([0, 1, 2].map((at) => exits(crc, { snapshots: kept(-3 + at) })));
    expect(found(observation, 'quorum-lost').commands[0]).toBe(`on cp3: /kept-1.db is of ${inDays(-1)}`);
  });

  test('a survivor that is behind is not the one to recover from', () => {
    const behind = { member: member(0, [...names, 'cp4', 'cp5'], { leader: '0', raftAppliedIndex: 10, readMs: gone }) };
    const ahead = { member: member(1, [...names, 'cp4', 'cp5'], { leader: '0', raftAppliedIndex: 99, readMs: gone }) };
    const { commands } = found(observed([behind, ahead, agentSilent, agentSilent, agentSilent]), 'quorum-lost');
    expect(commands.slice(0, 2)).toEqual([
      'kubectl etcd snapshot save --from cp2',
      'kubectl etcd snapshot save --from cp1',
    ]);
    expect(commands.at(-1)).toContain('recover --from cp2 --dead cp3 --dead cp4 --dead cp5');
  });
});

test('whatever is missing, there is an answer, and a lost quorum is never exit code 0', () => {
  const anyChange = fc.constantFrom<Change | undefined>(
    undefined,
    agentSilent,
    exits('walpb: crc mismatch'),
    exits('x509: certificate has expired'),
    leaderless(0),
    { member: gone, etcd: gone, noEtcd: { reason: 'etcd-not-found', what: 'none' }, certificates: [] },
    { disk: gone, manifests: gone, apiServer: gone },
    { member: { ...member(0, ['cp1']), etcdClusterId: 'bad' } },
  );
  fc.assert(
    fc.property(fc.array(anyChange, { minLength: 1, maxLength: 7 }), (changes) => {
      const { diagnosis, exit } = diagnose(observed(changes));
      if (diagnosis.quorum.state !== 'kept') expect([1, 4]).toContain(exit);
      for (const { what, commands, severity } of diagnosis.findings) {
        expect(what).not.toMatch(/undefined|\[object/);
        expect(commands.join()).not.toMatch(/undefined|\[object/);
        if (severity === 'critical') expect(commands.length).toBeGreaterThan(0);
      }
    }),
  );
});
