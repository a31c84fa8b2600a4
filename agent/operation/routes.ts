import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { closeRequest } from '../../core/operation/messages.ts';
import type { KeptReply, OperationsReply, StepEvent } from '../../core/operation/messages.ts';
import { operationPath, operationsPrefix } from '../../core/operation/paths.ts';
import { allSteps, plan } from '../../core/operation/plan.ts';
import type { PlacedStep } from '../../core/operation/plan.ts';
import { piecesOf } from '../../core/protocol/block-buffers.ts';
import { readBlocks } from '../../core/protocol/block-reader.ts';
import type { Asked } from '../serve/asked.ts';
import type { Reply, Routes } from '../serve/server.ts';
import { takeIn } from '../steps/receive.ts';
import { deleteKept, listKept } from './kept.ts';
import type { Operations } from './operations.ts';
import { closedAlready } from './store.ts';

/** What an agent answers about operations. */
export function operationRoutes(operations: Operations): Routes {
  const { node, store, survey } = operations;
  return {
    [operationPath.survey]: async () => ({ json: await survey() }),

    [operationPath.operations]: async () => {
      const json: OperationsReply = { node, operations: await store.all() };
      return { json };
    },

    [`POST ${operationPath.operations}`]: async (asked) => {
      const wanted = await asked.json(plan);
      if (!wanted.nodes.includes(node))
        throw new Failure({
          reason: 'wrong-node',
          what: `the operation ${wanted.id} does not concern this node`,
          node,
        });
      const lifts = allSteps(wanted).some((step) => step.node === node && step.does.kind === 'lift-fence');
      if (!lifts) operations.fenceKeeper.assertNotFenced();
      return { json: { taken: await operations.exclusively(() => store.takeUp(wanted)) } };
    },

    [operationsPrefix]: (asked) => ofOne(operations, asked),

    [operationPath.kept]: async () => {
      const json: KeptReply = { node, kept: await listKept(operations) };
      return { json };
    },

    [`DELETE ${operationPath.kept}`]: async (asked) => {
      const json: KeptReply = { node, kept: await deleteKept(operations, asked.query.getAll('operation')) };
      return { json };
    },
  };
}

/** `/v1/operations/ID/...` */
async function ofOne(operations: Operations, asked: Asked): Promise<Reply> {
  const { store, runner, node } = operations;
  const [id = '', what, name = '', ...more] = asked.rest.replace(/\?.*$/, '').split('/').map(decodeURIComponent);
  const request = `${asked.method} ${what ?? ''}`;
  if (more.length > 0) throw unknown(request);
  if (request === 'GET ') return { json: await store.read(id) };

  const kept = await store.read(id);
  if (request === 'GET file') {
    const { file } = receiving(
      kept.plan.phases.flatMap(({ steps }) => steps),
      name,
      node,
    );
    return { headers: {}, bytes: piecesOf(join(store.folderOf(id), file)) };
  }
  if (kept.closed) throw closedAlready(id, node);
  switch (request) {
    case 'POST do':
    case 'POST undo': {
      const step = allSteps(kept.plan).find((each) => each.id === name && each.node === node);
      if (step === undefined)
        throw new Failure({ reason: 'unknown-step', what: `${id} has no step ${name} here`, node });
      return eventsReply(runner.run(id, step, what === 'do' ? 'do' : 'undo'));
    }
    case 'PUT file': {
      const does = receiving(allSteps(kept.plan), name, node);
      const folder = store.folderOf(id);
      await takeIn(does, readBlocks(asked.bytes(), { what: 'the snapshot', node }), { folder, node }, () => undefined);
      return { json: {} };
    }
    case 'PUT plan': {
      const wanted = await asked.json(plan);
      if (wanted.id !== id || !wanted.nodes.includes(node)) throw unknown(`${request} of ${wanted.id}`);
      await operations.exclusively(() => runner.inTurn(() => store.change(wanted)));
      return { json: await store.read(id) };
    }
    case 'POST close': {
      const { outcome, by } = await asked.json(closeRequest);
      await operations.exclusively(() => operations.close(kept.plan, outcome, by));
      return { json: await store.read(id) };
    }
    default:
      throw unknown(request);
  }
}

function eventsReply(events: AsyncIterable<StepEvent>): Reply {
  return { headers: { 'content-type': 'application/x-ndjson' }, bytes: lines(events) };
}

async function* lines(events: AsyncIterable<StepEvent>): AsyncGenerator<string, void, undefined> {
  for await (const event of events) yield `${JSON.stringify(event)}\n`;
}

/** The step that brings a file to this node. */
function receiving(steps: readonly PlacedStep[], file: string, node: string) {
  for (const step of steps)
    if (step.node === node && step.does.kind === 'receive' && step.does.file === file) return step.does;
  throw new Failure({ reason: 'unknown-file', what: `no step of this operation brings a file ${file}`, node });
}

function unknown(request: string): Failure {
  return new Failure({ reason: 'unknown-request', what: `this agent does not know the request ${request}` });
}
