import { examinationPath, hashPath } from '../../core/examination/messages.ts';
import type { KeySpaceHash } from '../../core/examination/messages.ts';
import { Failure } from '../../core/failure.ts';
import { MemberClient } from '../etcd/member-client.ts';
import { silentMember } from '../etcd/silent-member.ts';
import type { Routes } from '../serve/server.ts';
import { examineNode } from './examine.ts';
import type { Examined } from './examine.ts';

/** Hashing takes etcd about a second for 200 MB; whoever asks decides whether that is worth it. */
const hashWithinMs = 30_000;

/** What an agent answers to whoever looks for what is wrong. */
export function examinationRoutes(examined: Examined): Routes {
  const { node } = examined.operations;
  return {
    [examinationPath]: async () => ({ json: await examineNode(examined) }),

    [hashPath]: async ({ query }) => {
      const revision = Number(query.get('revision'));
      if (!Number.isSafeInteger(revision) || revision < 1)
        throw new Failure({ reason: 'unknown-request', what: `there is no revision ${revision}`, node });
      using client = new MemberClient(await examined.etcd.endpoint());
      const { hash, compactRevision } = await client.hashKv(revision, hashWithinMs).catch((thrown: unknown) => {
        throw silentMember(thrown, node);
      });
      const json: KeySpaceHash = { revision, hash, compactRevision };
      return { json };
    },
  };
}
