import { path } from '../../core/protocol/paths.ts';
import type { RemovalReply } from '../../core/protocol/messages.ts';
import type { Configuration } from '../configuration.ts';
import { onlyOnSocket } from '../serve/asked.ts';
import type { Routes } from '../serve/server.ts';
import { removeResident } from './remove.ts';

const answerArrivesWithinMs = 1_000;

/** `onRemoved` is called when nothing of the agent is left but its process. */
export function residentRoutes(configuration: Configuration, onRemoved: () => void): Routes {
  return {
    [`DELETE ${path.agent}`]: async (asked) => {
      onlyOnSocket(asked);
      const kept = await removeResident(configuration);
      // When the answer has arrived: an exec stream whose far end goes away drops what it has not handed over yet.
      asked.signal.addEventListener('abort', () => setTimeout(onRemoved, answerArrivesWithinMs));
      const json: RemovalReply = { kept: [...kept] };
      return { json };
    },
  };
}
