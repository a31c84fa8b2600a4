import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { Failure } from '../../../core/failure.ts';
import { assess } from '../../../plugin/status/assess.ts';
import { renderStatus } from '../../../plugin/status/view.ts';
import { membersOf, nodesNamed, observed, reportOf } from './cluster.ts';

const three = nodesNamed(['cp1', 'cp2', 'cp3']);
const healthy = assess(observed(membersOf(['cp1 leader', 'cp2 follower', 'cp3 follower']), three)).document;

test('healthy: the answer is the first line', () => {
  expect(renderStatus(healthy, { format: 'table' })).toBe(
    lines(
      'CLUSTER prod-eu1   MEMBERS 3 of 3 healthy   QUORUM 2, may lose 1',
      '',
      'NODE   MEMBER   ROLE       STATUS    VERSION   DB SIZE (IN USE)   LAG   REVISION',
      'cp1    a001     leader     healthy   3.5.16    1.1 GiB (63 %)     -     48120994',
      'cp2    a002     follower   healthy   3.5.16    1.1 GiB (63 %)     2     48120993',
      'cp3    a003     follower   healthy   3.5.16    1.1 GiB (63 %)     4     48120992',
    ),
  );
});

test('quorum lost: what to do first is a command', () => {
  const reply = membersOf(['cp1 no-leader', 'cp2 down', 'cp3 down']);
  const reports = [['cp3', reportOf('cp3', 'walpb: crc mismatch')]] as const;
  expect(renderStatus(assess(observed(reply, three, reports)).document, { format: 'table' })).toBe(
    lines(
      'CLUSTER prod-eu1   MEMBERS 0 of 3 healthy   QUORUM LOST (needs 2)',
      '',
      'NODE   MEMBER   ROLE        STATUS                                           VERSION   DB SIZE (IN USE)   LAG   REVISION',
      'cp1    a001     no leader   running, cannot commit                           3.5.16    1.1 GiB (63 %)     0     48120994',
      'cp2    a002     -           does not answer (connection refused)             -         -                  -     -',
      'cp3    a003     -           etcd exits: "walpb: crc mismatch" (6 restarts)   -         -                  -     -',
      '',
      'nothing can be written: 0 of 3 voting members take part, 2 are needed; save what is there before anything else: kubectl etcd snapshot save --from cp1',
      'which way leads back depends on what is left of each member: kubectl etcd doctor',
      'cp2: does not answer (connection refused): kubectl etcd logs cp2',
      'cp3: etcd exits: "walpb: crc mismatch" (6 restarts): kubectl etcd logs cp3',
    ),
  );
});

test('a learner that was never started, and an alarm', () => {
  const reply = membersOf(['cp1 leader', 'cp2 follower NOSPACE', '? learner unstarted']);
  expect(renderStatus(assess(observed(reply, three)).document, { format: 'table' })).toBe(
    lines(
      'CLUSTER prod-eu1   MEMBERS 1 of 2 healthy and 1 learner   QUORUM 2, may lose none',
      '',
      'NODE   MEMBER   ROLE       STATUS          VERSION   DB SIZE (IN USE)   LAG   REVISION',
      'cp1    a001     leader     healthy         3.5.16    1.1 GiB (63 %)     -     48120994',
      'cp2    a002     follower   alarm NOSPACE   3.5.16    1.1 GiB (63 %)     2     48120993',
      'cp3    a003     learner    never started   -         -                  -     -',
      '',
      'cp2: alarm NOSPACE: a database has reached its quota, and the whole cluster refuses writes: compact, defragment, then: etcdctl alarm disarm',
      'cp3: the learner a003 was added and never started; it blocks the next one: start it, or take it out: kubectl etcd member remove a003',
    ),
  );
});

test('nobody knows: no figures are made up', () => {
  const silence = new Failure({
    reason: 'no-agents',
    what: 'there is no agent on any control-plane node',
    next: 'kubectl etcd install',
  });
  expect(renderStatus(assess(observed(silence, [])).document, { format: 'table' })).toBe(
    lines(
      'CLUSTER prod-eu1   MEMBERS UNKNOWN',
      '',
      'there is no agent on any control-plane node: kubectl etcd install',
    ),
  );
});

test('wide: everything else that fits a row, never cut', () => {
  expect(renderStatus(healthy, { format: 'wide', widthColumns: 80 }).split('\n')[3]).toBe(
    'cp1    a001     leader     healthy   3.5.16    1.1 GiB (63 %)     -     48120994   cp1    https://10.0.0.11:2379   https://10.0.0.11:2380   7           5000         717 MiB   0.1.0',
  );
});

test('a narrow terminal takes the room from the status, then from the end', () => {
  const reply = membersOf(['cp1 leader', 'cp2 follower', 'cp3 down']);
  const document = assess(observed(reply, three)).document;
  const rows = (widthColumns: number) =>
    renderStatus(document, { format: 'table', widthColumns }).split('\n').slice(2, 6);
  expect(rows(89)).toEqual([
    'NODE   MEMBER   ROLE       STATUS             VERSION   DB SIZE (IN USE)   LAG   REVISION',
    'cp1    a001     leader     healthy            3.5.16    1.1 GiB (63 %)     -     48120994',
    'cp2    a002     follower   healthy            3.5.16    1.1 GiB (63 %)     2     48120993',
    'cp3    a003     -          does not answer…   -         -                  -     -',
  ]);
  expect(rows(60)[1]).toBe('cp1    a001     leader     healthy            3.5.16    1.1…');
});

test('names, JSON and YAML hold nothing but the document', () => {
  const unstarted = assess(observed(membersOf(['cp1 leader', '? learner unstarted']), three)).document;
  expect(renderStatus(unstarted, { format: 'name' })).toBe('member/cp1\nmember/a002\n');
  expect(JSON.parse(renderStatus(healthy, { format: 'json' }))).toEqual(healthy);
  expect(parse(renderStatus(healthy, { format: 'yaml' }))).toEqual(healthy);
});

test('JSON has the fields that the documentation promises', () => {
  const { cluster, quorum, members } = healthy;
  expect(cluster).toEqual({ name: 'prod-eu1', uid: '91fe22b0', etcdClusterId: 'c0ffee' });
  expect(quorum).toEqual({ members: 3, needed: 2, healthy: 3, voting: 3, canLose: 1 });
  expect(Object.keys(members[0] ?? {})).toEqual(
    expect.arrayContaining(
      'name id node endpoint healthy leader learner version dbSizeBytes dbInUseBytes raftTerm raftIndex revision alarms errors'.split(
        ' ',
      ),
    ),
  );
});

test('what a member says cannot write to the terminal on its own', () => {
  const reply = membersOf(['cp1 leader', 'cp2 down']);
  const members = reply.members.map((member) => ({
    ...member,
    ...(member.error === undefined ? {} : { error: '\u001b[2J\nhealthy' }),
  }));
  const text = renderStatus(assess(observed({ ...reply, members }, three)).document, { format: 'table' });
  expect(text).not.toContain('\u001b');
  expect(text.split('\n')[4]).toMatch(/^cp2 .* does not answer \( healthy\)/);
});

function lines(...all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
