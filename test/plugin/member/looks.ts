/** What is looked at before a member is changed, for the tables of cases: everything is well, but for what a case says. */
import { Failure } from '../../../core/failure.ts';
import type { NodeSurvey } from '../../../core/operation/messages.ts';
import type { MemberAnswer, MembersReply } from '../../../core/protocol/messages.ts';
import type { MembersLook } from '../../../plugin/member/membership.ts';
import { surveyOf, without } from '../restore/facts.ts';

const names = (count: number) => Array.from({ length: count }, (_, at) => `cp${at + 1}`);
const addressOf = (name: string) => `10.0.0.${name.slice(2)}`;

/** `well`, `down` (its etcd), `off` (its agent too), `learner`, `unstarted` (a learner that never ran), `unlisted`. */
export type Standing = 'well' | 'down' | 'off' | 'learner' | 'unstarted' | 'unlisted';

export interface Cluster {
  /** By the name of the node; those that are not named are well. */
  readonly standings?: Readonly<Record<string, Standing>>;
  readonly nodes?: number;
  readonly leader?: string;
  readonly surveys?: Readonly<Record<string, Partial<NodeSurvey>>>;
  /** Members beside those of the nodes. */
  readonly more?: readonly MemberAnswer[];
  readonly views?: Readonly<Record<string, Partial<MembersReply>>>;
}

export function memberOf(name: string, standing: Standing = 'well', leader = 'cp1'): MemberAnswer {
  const url = `https://${addressOf(name)}`;
  const isLearner = standing === 'learner' || standing === 'unstarted';
  const answers = standing === 'well' || standing === 'learner';
  return {
    id: `a00${name.slice(2)}`,
    name: standing === 'unstarted' ? '' : name,
    learner: isLearner,
    peerUrls: [`${url}:2380`],
    clientUrls: standing === 'unstarted' ? [] : [`${url}:2379`],
    ...(answers
      ? {
          status: {
            ...{ version: '3.5.16', dbSizeBytes: 1024, dbInUseBytes: 1024, leader: `a00${leader.slice(2)}` },
            ...{ raftTerm: 7, raftIndex: 50, raftAppliedIndex: 50, revision: 20, learner: isLearner, errors: [] },
            ...(isLearner ? {} : { readMs: 2 }),
          },
        }
      : { error: 'connection refused' }),
  };
}

export function lookOf({ standings = {}, nodes = 3, leader = 'cp1', ...rest }: Cluster = {}): MembersLook {
  const standingOf = (name: string) => standings[name] ?? 'well';
  const listed = [
    ...names(nodes)
      .filter((name) => standingOf(name) !== 'unlisted')
      .map((name) => memberOf(name, standingOf(name), leader)),
    ...(rest.more ?? []),
  ];
  const quorate = listed.filter(({ learner, status }) => !learner && status !== undefined);
  const hasQuorum = quorate.length > listed.filter(({ learner }) => !learner).length / 2;
  const members = listed.map((member) => (hasQuorum ? member : withoutRead(member)));
  const answering = names(nodes).filter((name) => standingOf(name) !== 'off');
  const runs = (name: string) => ['well', 'learner'].includes(standingOf(name));
  return {
    nodes: names(nodes).map((name) => ({ name, addresses: [addressOf(name)] })),
    surveys: answering.map((name) => {
      const survey = surveyOf(name, rest.surveys?.[name]);
      return runs(name) ? survey : without(survey, 'status');
    }),
    unreached: new Map(
      names(nodes)
        .filter((name) => standingOf(name) === 'off')
        .map((node) => [node, new Failure({ reason: 'agent-silent', what: 'its agent does not answer', node })]),
    ),
    views: new Map(
      answering.filter(runs).map((node) => [
        node,
        {
          ...{ node, etcdClusterId: 'c0ffee', memberId: `a00${node.slice(2)}`, members, alarms: [] },
          ...rest.views?.[node],
        },
      ]),
    ),
  };
}

function withoutRead(member: MemberAnswer): MemberAnswer {
  if (member.status === undefined) return member;
  const status = { ...member.status, leader: '0' };
  delete status.readMs;
  return { ...member, status };
}
