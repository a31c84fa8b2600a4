import { lastErrorOf } from '../host/last-error.ts';

/**
 * Why one of etcd's programs gave up, from the end of what it printed: one line a person can read. What it prints besides is its log (zap's text or
 * JSON) and, where the database is damaged, the stack of a panic. Undefined where it said nothing. Pure.
 */
export function lastWords(output: string): string | undefined {
  const lines = output.split('\n').map((line) => line.trimEnd());
  const said = lastErrorOf(lines) ?? lines.findLast((line) => line !== '' && !isLog(line) && !isStack(line));
  return said === undefined ? undefined : readable(said).slice(0, 300);
}

function isLog(line: string): boolean {
  return /^\{"level"|^\d{4}-\d\d-\d\dT\S+\t/.test(line);
}

function isStack(line: string): boolean {
  return /^(?:\t|goroutine \d+ |\[signal |created by |[\w./*()]+\(.*\)$)/.test(line);
}

/** Of what restore says, two sentences need another wording: the hashes are lists of decimal numbers, and the flag is not the reader's to set. */
function readable(said: string): string {
  if (/^expected sha256 \[/.test(said)) return 'its content is not what the checksum at its end was made of';
  if (said.startsWith('snapshot missing hash'))
    return 'it does not end in a checksum: it was cut short, or is a member’s own database file';
  return said;
}
