/** What a recovery is planned from, for the tables of cases: two of three members are gone, but for what a case says. */
import type { NodeSurvey } from '../../../core/operation/messages.ts';
import type { Raft } from '../../../plugin/recover/rank.ts';
import { surveyOf, without } from '../restore/facts.ts';

export const known = ['cp1', 'cp2', 'cp3'].map((name) => ({ name, addresses: [`10.0.0.${name.slice(2)}`] }));

/** `5000/7.5010`: committed, then the term and the index of the newest entry. */
export function raftOf(node: string, text: string, more: Partial<Raft> = {}): Raft {
  const [, committed = '', term = '', index = ''] = /^(\d+)\/(\d+)\.(\d+)$/.exec(text) ?? [];
  return {
    ...{ clusterId: 'c0ffee', memberId: `a00${node.slice(2)}`, revision: 2000, source: 'disk' },
    ...{ commitIndex: Number(committed), appliedIndex: Number(committed) },
    lastEntry: { term: Number(term), index: Number(index) },
    entriesAboveCommit: Number(index) - Number(committed),
    ...more,
  };
}

/** One that is there, and whose etcd has no leader, or does not run: `live` or `disk`. */
export function leftOver(node: string, raft: Raft | string, more: Partial<NodeSurvey> = {}): NodeSurvey {
  const held = typeof raft === 'string' ? raftOf(node, raft) : raft;
  const survey = surveyOf(node, { raft: held, etcdProgram: { version: '3.5.16', path: '/etcd' }, ...more });
  if (held.source === 'disk') return without(survey, 'status');
  return survey.status === undefined || more.status !== undefined
    ? survey
    : { ...survey, status: { ...survey.status, leader: '0' } };
}

/** A node whose data is gone. */
export function wiped(node: string, more: Partial<NodeSurvey> = {}): NodeSurvey {
  const survey = surveyOf(node, more);
  const places = { ...survey.places, hasMember: false, usedBytes: 0 } as NonNullable<NodeSurvey['places']>;
  return without(
    { ...survey, places, noRaft: { reason: 'snapshot-not-found', what: 'no file', exit: 1 } },
    'status',
    'members',
  );
}
