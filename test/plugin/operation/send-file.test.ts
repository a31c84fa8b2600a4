/** The snapshot on its way to an agent, and what an agent says to requests that make no sense: its own routes, over HTTP/2. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { doPath, filePath, operationPath, undoPath } from '../../../core/operation/paths.ts';
import type { Plan } from '../../../core/operation/plan.ts';
import { writeBlocks } from '../../../core/protocol/block-writer.ts';
import { failureToRecord } from '../../../core/protocol/failure-record.ts';
import { nodeNamed, openSession } from '../../../plugin/link/reach.ts';
import { carryOut } from '../../../plugin/operation/carry-out.ts';
import { close, runStep, sendFile, takeUp } from '../../../plugin/operation/session.ts';
import { planOf } from '../../core/operation/plans.ts';
import { Agents } from './agents.ts';

const snapshot = readFileSync(resolve(import.meta.dirname, '../../core/snapshot/fixtures/etcd-3.5.db'));
const sha256 = createHash('sha256').update(snapshot).digest('hex');
const signal = new AbortController().signal;
const plan: Plan = {
  ...planOf('stage: n1'),
  phases: [
    {
      ...{ name: 'stage', what: 'stage' },
      steps: [
        {
          id: 'stage.n1',
          node: 'n1',
          does: { kind: 'receive', file: 'snapshot.db', sizeBytes: snapshot.length, sha256 },
        },
      ],
    },
  ],
};

let agents: Agents;
beforeEach(async () => {
  agents = await Agents.start('n1');
});
afterEach(() => agents[Symbol.asyncDispose]());

/** As the plugin sends it; `announced` is what the end of the stream says of it. */
function blocksOf(bytes: Buffer, announced = bytes): AsyncIterable<Buffer> {
  async function* read(): AsyncGenerator<Buffer, void, undefined> {
    for (let at = 0; at < bytes.length; at += 10_000) {
      yield Buffer.from(bytes.subarray(at, at + 10_000));
      await new Promise(setImmediate);
    }
  }
  return writeBlocks(read(), {
    compression: 'zstd',
    end: () => ({ lengthBytes: announced.length, sha256: createHash('sha256').update(announced).digest('hex') }),
    failure: (thrown) => failureToRecord(thrown, 'here'),
  });
}

const send = async (bytes: AsyncIterable<Buffer>, file = 'snapshot.db') =>
  sendFile({ reach: await agents.reach(), plan, node: 'n1', file, bytes, signal });
const folder = () => readdirSync(agents.store('n1').folderOf(plan.id)).sort();
const takeUpHere = async (of = plan) => takeUp(await agents.reach(), of, { nodes: ['n1'], by: 'anna', signal });

test('sent, verified, and gone when the operation is closed', async () => {
  let held: string[] = [];
  const code = await carryOut({
    ...{ reach: await agents.reach(), plan, surroundings: agents.surroundings(), format: 'table' },
    before: async () => {
      await send(blocksOf(snapshot));
      held = folder();
    },
  });
  expect(code).toBe(0);
  expect(held).toEqual(['journal.jsonl', 'plan.json', 'snapshot.db']);
  expect(folder()).toEqual(['journal.jsonl', 'plan.json']);
});

describe('not stored under its name', () => {
  test.each<[what: string, bytes: () => AsyncIterable<Buffer>]>([
    ['another file, sent well', () => blocksOf(Buffer.concat([snapshot, Buffer.from('x')]))],
    ['a part of it, sent well', () => blocksOf(snapshot.subarray(0, -100))],
    ['a part of it, said to be all', () => blocksOf(snapshot.subarray(0, -100), snapshot)],
    ['nothing', () => blocksOf(Buffer.alloc(0))],
  ])('%s', async (_what, bytes) => {
    await takeUpHere();
    await expect(send(bytes())).rejects.toMatchObject({ name: 'Failure' });
    expect(folder()).not.toContain('snapshot.db');
    await send(blocksOf(snapshot));
    expect(folder()).toContain('snapshot.db');
  });

  test('broken off in its middle', async () => {
    await takeUpHere();
    async function* broken(): AsyncGenerator<Buffer, void, undefined> {
      for await (const block of blocksOf(snapshot)) {
        yield block;
        throw new Error('the file cannot be read');
      }
    }
    await expect(send(broken())).rejects.toThrow();
    expect(folder()).not.toContain('snapshot.db');
  });
});

describe('refused by the agent', () => {
  const ask = async (target: string, send_?: { method: 'POST' | 'PUT'; json: unknown }) => {
    const reach = await agents.reach();
    using session = await openSession(reach, nodeNamed(reach, 'n1'), signal);
    const { bytes } = await session.stream(target, signal, send_);
    const rest = bytes[Symbol.asyncIterator]();
    while ((await rest.next()).done !== true);
  };
  const post = { method: 'POST', json: {} } as const;

  test.each<
    [what: string, target: string, send: { method: 'POST' | 'PUT'; json: unknown } | undefined, reason: string]
  >([
    ['a step that there is not', doPath(plan.id, 'stage.n2'), post, 'unknown-step'],
    ['the undoing of one that there is not', undoPath(plan.id, ''), post, 'unknown-step'],
    ['a file that no step brings', filePath(plan.id, 'journal.jsonl'), { method: 'PUT', json: {} }, 'unknown-file'],
    ['a file that is a path', filePath(plan.id, '../../other'), { method: 'PUT', json: {} }, 'unknown-file'],
    ['the plan, as a file', filePath(plan.id, 'plan.json'), undefined, 'unknown-file'],
    ['an operation that nobody knows', doPath('r-99999', 'stage.n1'), post, 'unknown-operation'],
    ['a plan that is none', operationPath.operations, { method: 'POST', json: { format: 1 } }, 'protocol-mismatch'],
    [
      'a plan of other nodes',
      operationPath.operations,
      { method: 'POST', json: { ...plan, nodes: ['n2'] } },
      'wrong-node',
    ],
    [
      'a plan whose id is a path',
      operationPath.operations,
      { method: 'POST', json: { ...plan, id: '../r-2222' } },
      'protocol-mismatch',
    ],
    ['what it does not know', `${operationPath.operations}/${plan.id}/burn`, post, 'unknown-request'],
  ])('%s', async (_what, target, sent, reason) => {
    await takeUpHere();
    await expect(ask(target, sent)).rejects.toMatchObject({ reason });
    expect(folder()).toEqual(['journal.jsonl', 'plan.json']);
  });

  test('anything of an operation that is closed', async () => {
    await takeUpHere();
    expect(await close(await agents.reach(), plan, ['n1'], 'withdrawn', 'anna')).toEqual(new Map());
    for (const target of [doPath(plan.id, 'stage.n1'), undoPath(plan.id, 'stage.n1')])
      await expect(ask(target, post)).rejects.toMatchObject({ reason: 'operation-closed', exit: 5 });
    await expect(send(blocksOf(snapshot))).rejects.toMatchObject({ reason: 'operation-closed' });
    await expect(takeUpHere()).rejects.toMatchObject({ reason: 'operation-differs' });
  });

  test('a step whose file was never sent says so, and not that the link was lost', async () => {
    await takeUpHere();
    const [step] = plan.phases[0]?.steps ?? [];
    if (step === undefined) throw new Error('no step');
    const ran = runStep({ reach: await agents.reach(), plan, step, way: 'do', onProgress: () => undefined, signal });
    await expect(ran).rejects.toMatchObject({ reason: 'file-not-sent', node: 'n1' });
  });
});
