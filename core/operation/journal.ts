/** What an agent writes down, one fsynced line at a time: before a step begins, and when it has ended. */
import * as v from 'valibot';
import { failureRecord } from '../protocol/messages.ts';

const at = v.string();
const tookMs = v.number();

export const journalRecord = v.variant('event', [
  v.object({ event: v.literal('begun'), step: v.string(), at }),
  v.object({ event: v.literal('done'), step: v.string(), at, tookMs, result: v.optional(v.unknown()) }),
  v.object({ event: v.literal('failed'), step: v.string(), at, tookMs, failure: failureRecord }),
  v.object({ event: v.literal('undoing'), step: v.string(), at }),
  v.object({ event: v.literal('undone'), step: v.string(), at, tookMs }),
  v.object({ event: v.literal('undo-failed'), step: v.string(), at, tookMs, failure: failureRecord }),
  v.object({
    event: v.literal('closed'),
    at,
    /** `withdrawn`: before anything was touched, when it could not be prepared. */
    outcome: v.picklist(['done', 'rolled-back', 'abandoned', 'withdrawn']),
    by: v.string(),
  }),
]);
export type JournalRecord = v.InferOutput<typeof journalRecord>;
export type Outcome = Extract<JournalRecord, { event: 'closed' }>['outcome'];

/**
 * Reads a journal. Of a last line that was being written when the power went, only what is whole counts: its step is found not to have begun,
 * or not to have ended, and that is asked of the node itself.
 * @throws {Error} where a line that is not the last makes no sense: the file was damaged.
 */
export function parseJournal(text: string): JournalRecord[] {
  // A line counts from its line feed on.
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => v.parse(journalRecord, JSON.parse(line)));
}
