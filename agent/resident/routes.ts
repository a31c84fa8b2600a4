import { path } from '../../core/protocol/paths.ts';
import type { RemovalReply } from '../../core/protocol/messages.ts';
import type { Configuration } from '../configuration.ts';
import { Failure } from '../../core/failure.ts';
import { onlyOnSocket } from '../serve/asked.ts';
import type { Routes } from '../serve/server.ts';
import { removeResident } from './remove.ts';

const answerArrivesWithinMs = 1_000;

/** `onRemoved` is called when nothing of the agent is left but its process; `openOperation` says which one still needs it. */
export function residentRoutes(
  configuration: Configuration,
  {
    onRemoved,
    openOperation,
  }: { readonly onRemoved: () => void; readonly openOperation: () => Promise<string | undefined> },
): Routes {
  return {
    [`DELETE ${path.agent}`]: async (asked) => {
      onlyOnSocket(asked);
      const open = await openOperation();
      if (open !== undefined) throw stillNeeded(open, configuration.node);
      const kept = await removeResident(configuration);
      // When the answer has arrived: an exec stream whose far end goes away drops what it has not handed over yet.
      asked.signal.addEventListener('abort', () => setTimeout(onRemoved, answerArrivesWithinMs));
      const json: RemovalReply = { kept: [...kept] };
      return { json };
    },
  };
}

function stillNeeded(operation: string, node: string): Failure {
  return new Failure({
    reason: 'operation-open',
    what: `the operation ${operation} is not finished, and cannot be without the agent`,
    node,
    next: `kubectl etcd operation show ${operation}; resume, rollback or abandon it first`,
    exit: 5,
  });
}
