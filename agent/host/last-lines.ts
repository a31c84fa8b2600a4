import { readLog } from './log-file.ts';
import type { LogReading } from './log-file.ts';

/** A stack trace is some dozens of lines; the reason stands before it. */
const enoughLines = 200;
const enoughBytes = 256 * 1024;

/** The end of a log, to find the reason in: empty where there is none to be read. Bounded in lines and bytes. */
export async function lastLines(log: Pick<LogReading, 'newest' | 'decoder'>): Promise<readonly string[]> {
  let text = '';
  try {
    const signal = AbortSignal.timeout(2_000);
    for await (const chunk of readLog({ ...log, tailLines: enoughLines, follow: false, signal })) {
      text = `${text}${String(chunk)}`.slice(-enoughBytes);
    }
  } catch {
    // The reason is an extra: without a log there is still a state to tell.
  }
  return text.split('\n').filter((line) => line !== '');
}
