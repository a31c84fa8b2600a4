import { describe, expect, test } from '@jest/globals';
import type { MemberAnswer, MembersReply } from '../../../core/protocol/messages.ts';
import { chooseMember } from '../../../plugin/snapshot/choose-member.ts';

type Kind = 'leader' | 'follower' | 'learner' | 'alarmed' | 'unreadable' | 'lonely' | 'silent' | 'unstarted';

/** `cp1 follower 100`: the member on cp1, in which state, and how far it has applied. */
function member(text: string): MemberAnswer {
  const [name, kind, applied = '0'] = text.split(' ') as [string, Kind, string?];
  const id = name.replace('cp', 'a');
  const answer = {
    id,
    name: kind === 'unstarted' ? '' : name,
    learner: kind === 'learner',
    peerUrls: [],
    clientUrls: [],
  };
  if (kind === 'silent' || kind === 'unstarted') return { ...answer, error: `${name} refuses` };
  return {
    ...answer,
    status: {
      version: '3.5.16',
      dbSizeBytes: 1,
      dbInUseBytes: 1,
      leader: kind === 'lonely' ? '0' : kind === 'leader' ? id : 'ff',
      raftTerm: 2,
      raftIndex: Number(applied),
      raftAppliedIndex: Number(applied),
      revision: 1,
      learner: kind === 'learner',
      errors: kind === 'alarmed' ? ['memberID:1 alarm:NOSPACE '] : [],
      ...(kind === 'unreadable' || kind === 'lonely' ? {} : { readMs: 1 }),
    },
  };
}

function choose(members: readonly string[], withoutAgent: readonly string[] = []): string {
  const survey: MembersReply = {
    node: '',
    etcdClusterId: '1',
    memberId: 'ffff',
    members: members.map(member),
    alarms: [],
  };
  const nodes = members.map((text) => {
    const name = text.split(' ')[0] ?? '';
    return { name, addresses: [], ...(withoutAgent.includes(name) ? {} : { agent: { pod: name, ready: true } }) };
  });
  return chooseMember(survey, nodes).name;
}

describe('the member that a snapshot is taken from', () => {
  test.each([
    ['a follower before the leader', ['cp1 leader 100', 'cp2 follower 100', 'cp3 follower 99'], 'cp2'],
    ['the follower that has applied the most', ['cp1 leader 100', 'cp2 follower 90', 'cp3 follower 99'], 'cp3'],
    ['the leader when there is no follower', ['cp1 leader 100'], 'cp1'],
    ['the leader before a follower with an alarm', ['cp1 leader 100', 'cp2 alarmed 100'], 'cp1'],
    ['the leader before a follower that confirms no read', ['cp1 leader 100', 'cp2 unreadable 100'], 'cp1'],
    ['a follower with an alarm before none', ['cp1 silent', 'cp2 alarmed 100'], 'cp2'],
    ['without quorum the one that has applied the most', ['cp1 lonely 80', 'cp2 lonely 81', 'cp3 silent'], 'cp2'],
    ['a voter without leader before a learner', ['cp1 lonely 80', 'cp2 learner 100'], 'cp1'],
    ['a learner before nothing', ['cp1 silent', 'cp2 learner 100', 'cp3 unstarted'], 'cp2'],
  ])('%s', (_what, members, expected) => {
    expect(choose(members)).toBe(expected);
  });

  test('only a node with an agent', () => {
    expect(choose(['cp1 leader 100', 'cp2 follower 100'], ['cp2'])).toBe('cp1');
  });

  test('when none can be saved from, each is named with why', () => {
    expect(() => choose(['cp1 silent', 'cp2 follower 100'], ['cp2'])).toThrow(
      'cp1: cp1 refuses; cp2: no agent on its node',
    );
  });
});
