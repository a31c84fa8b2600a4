import { exitCode, Failure, messageOf } from '../failure.ts';
import type { ExitCode } from '../failure.ts';
import type { FailureRecord } from './messages.ts';

/** What was thrown, as it travels to the other side. Only a Failure's own words travel: a defect's stack stays in the agent's log. */
export function failureToRecord(thrown: unknown, node: string): FailureRecord {
  if (!(thrown instanceof Failure))
    return { reason: 'agent-defect', what: 'the agent failed', node, why: messageOf(thrown) };
  const { reason, what, why, next, exit } = thrown;
  return {
    reason,
    what,
    node: thrown.node ?? node,
    exit,
    ...(why === undefined ? {} : { why }),
    ...(next === undefined ? {} : { next }),
  };
}

/** The other side's failure, as ours. An exit code that this program does not know is 1. */
export function failureFrom(record: FailureRecord, node: string | undefined): Failure {
  return new Failure({ ...record, node: record.node ?? node, exit: knownExit(record.exit) });
}

function knownExit(code: number | undefined): ExitCode {
  return Object.values(exitCode).find((known) => known === code) ?? exitCode.failed;
}
