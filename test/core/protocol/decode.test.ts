import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Failure } from '../../../core/failure.ts';
import { decode, decodeJson } from '../../../core/protocol/decode.ts';
import { failureFrom, failureToRecord } from '../../../core/protocol/failure-record.ts';
import * as messages from '../../../core/protocol/messages.ts';
import { logsPath, path, readLogsQuery } from '../../../core/protocol/paths.ts';

const schemas = {
  failureRecord: messages.failureRecord,
  agentReport: messages.agentReport,
  membersReply: messages.membersReply,
  snapshotSource: messages.snapshotSource,
  streamEnd: messages.streamEnd,
};

const reply = {
  node: 'cp1',
  etcdClusterId: '48276a8f75b6a87',
  memberId: '2e1259d415f2a040',
  members: [
    {
      id: '2e1259d415f2a040',
      name: 'cp1',
      learner: false,
      peerUrls: [],
      clientUrls: [],
      error: 'connect ECONNREFUSED',
    },
  ],
  alarms: [],
};

describe('decoding what an agent says', () => {
  test('unknown fields of a newer agent are dropped, known ones kept', () => {
    expect(decode(messages.membersReply, { ...reply, novelty: 1 }, { what: 'the reply' })).toEqual(reply);
  });

  test('a missing, a mistyped and a nonsensical field are named', () => {
    const cases: [unknown, string][] = [
      [{ ...reply, node: undefined }, 'node'],
      [{ ...reply, alarms: 'none' }, 'alarms'],
      [{ ...reply, members: [{ ...reply.members[0], id: '48276A8F' }] }, 'members.0.id'],
      [{ lengthBytes: -1, sha256: '' }, 'etcdClusterId'],
      [null, 'the whole'],
    ];
    for (const [value, field] of cases) {
      const caught = failureOf(() => decode(messages.membersReply, value, { what: 'the reply', node: 'cp1' }));
      expect(caught).toMatchObject({ reason: 'protocol-mismatch', node: 'cp1' });
      if (field !== 'etcdClusterId') expect(caught.why).toContain(`${field}: `);
    }
    expect(() => decode(messages.streamEnd, { lengthBytes: 2 ** 53, sha256: 'a'.repeat(64) }, { what: 'x' })).toThrow(
      Failure,
    );
  });

  test.each(Object.keys(schemas) as (keyof typeof schemas)[])('%s: any JSON is a message or a Failure', (name) => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        try {
          decodeJson(schemas[name], text, { what: 'a reply' });
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Failure);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a failure arrives as it was sent; a defect only with its message; an unknown exit code is 1', () => {
    const sent = new Failure({ reason: 'a-b', what: 'w', node: 'cp2', why: 'y', next: 'n', exit: 5 });
    expect(failureFrom(failureToRecord(sent, 'cp1'), 'cp1')).toMatchObject({
      reason: 'a-b',
      what: 'w',
      node: 'cp2',
      why: 'y',
      next: 'n',
      exit: 5,
    });
    expect(failureToRecord(new Error('boom'), 'cp1')).toEqual({
      reason: 'agent-defect',
      what: 'the agent failed',
      node: 'cp1',
      why: 'boom',
    });
    expect(failureFrom({ reason: 'r', what: 'w', exit: 77 }, 'cp3')).toMatchObject({ exit: 1, node: 'cp3' });
  });

  test('the query for logs is read as it was written', () => {
    for (const query of [
      { previous: true, follow: false, tailLines: 50 },
      { previous: false, follow: true, tailLines: undefined },
      { previous: false, follow: false, tailLines: 0 },
    ])
      expect(readLogsQuery(new URL(logsPath(query), 'http://agent').searchParams)).toEqual(query);
    expect(readLogsQuery(new URL(`${path.logs}?tail=-3&follow=yes`, 'http://agent').searchParams)).toEqual({
      previous: false,
      follow: false,
      tailLines: undefined,
    });
  });
});

function failureOf(run: () => unknown): Failure {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error('it did not fail');
}
