/** Which way a recovery goes. Pure. */
import { exitCode, Failure } from '../../core/failure.ts';
import type { NodeSurvey } from '../../core/operation/messages.ts';
import { refusal } from '../restore/refusals.ts';
import type { Candidate } from './choose-survivor.ts';
import { knownCommitted } from './rank.ts';

export const methods = ['force-new-cluster', 'restore'] as const;
export type Method = (typeof methods)[number];

export interface ChosenMethod {
  readonly method: Method;
  /** For people; absent where it is the usual way. */
  readonly why?: string;
}

/** @throws {Failure} `wrong-usage`, exit code 2. */
export function parseMethod(flag: string | undefined): Method | undefined {
  const found = methods.find((method) => method === flag);
  if (flag === undefined || found !== undefined) return found;
  throw new Failure({
    reason: 'wrong-usage',
    what: `"${flag}" is no way to recover`,
    next: methods.map((method) => `--method ${method}`).join(' or '),
    exit: exitCode.usage,
  });
}

/**
 * The usual way keeps revisions as they are. Where a member that cannot be gone on with is known to have had more, revisions that watchers have
 * seen would come again with other content: then a restore, which makes new ones above all of them.
 */
export function chooseMethod(
  asked: Method | undefined,
  { node, raft }: Candidate,
  surveys: readonly NodeSurvey[],
): ChosenMethod {
  const ahead = surveys.filter(
    (survey) =>
      survey.raft !== undefined &&
      survey.raft.clusterId === raft.clusterId &&
      knownCommitted(survey.raft) > knownCommitted(raft),
  );
  if (asked !== undefined) return { method: asked };
  if (ahead.length === 0) return { method: 'force-new-cluster' };
  const names = ahead.map((survey) => survey.node).join(', ');
  return {
    method: 'restore',
    why: `${names} had more than ${node} has: watchers may have seen revisions that would come again, so they are bumped`,
  };
}

/** A snapshot is taken through the member, which has to answer for that. */
export function assertAnswers({ node, survey }: Candidate): void {
  if (survey.status !== undefined) return;
  throw refusal('survivor-silent', {
    node,
    what: 'a snapshot cannot be taken through it: its etcd does not answer',
    why: survey.silent?.why ?? survey.silent?.what,
    next: '--method force-new-cluster needs no running etcd',
  });
}
