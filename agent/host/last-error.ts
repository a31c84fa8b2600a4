/**
 * Why etcd stopped, in a few words, from the last lines of its log: zap's JSON (3.5 and later, and 3.4 when told), capnslog's text (3.4's
 * default), or whatever the Go runtime and the flag parser print. Pure.
 */
export function lastErrorOf(lines: readonly string[]): string | undefined {
  const read = lines.map(readLine);
  // What ends the process is the reason; lines of level error come and go while it runs, and a stack trace may follow.
  const fatal = read.findLast(({ weight }) => weight === 'fatal');
  if (fatal !== undefined) return shorten(fatal.text);
  const signalAt = read.findLastIndex(({ text }) =>
    /received (?:signal; shutting down|(?:terminated|interrupt) signal)/.test(text),
  );
  const errorAt = read.findLastIndex(({ weight }) => weight === 'error');
  if (signalAt > errorAt) return 'stopped by a signal';
  const error = read[errorAt];
  return error === undefined ? undefined : shorten(error.text);
}

interface ReadLine {
  readonly weight: 'fatal' | 'error' | 'other';
  readonly text: string;
}

const zapWeights: Readonly<Record<string, ReadLine['weight']>> = {
  fatal: 'fatal',
  panic: 'fatal',
  dpanic: 'fatal',
  error: 'error',
};
/** capnslog: `2026-11-21 10:00:00.000000 C | etcdmain: …`. */
const capnslogWeights: Readonly<Record<string, ReadLine['weight']>> = { C: 'fatal', E: 'error' };

function readLine(line: string): ReadLine {
  const zap = readZap(line);
  if (zap !== undefined) return zap;
  const capnslog = /^\d{4}[-/]\d\d[-/]\d\d [\d:.]+ ([A-Z]) \| (?:[\w/.-]+: )?(.*)$/.exec(line);
  if (capnslog !== null) return { weight: capnslogWeights[capnslog[1] ?? ''] ?? 'other', text: capnslog[2] ?? '' };
  const runtime = /^(?:panic|fatal error): (.*)$/.exec(line);
  // zap's panic repeats the message in the runtime's line; the JSON line before it says more and is found by being fatal as well.
  if (runtime !== null) return { weight: 'error', text: runtime[1] ?? '' };
  if (
    /^(?:Error: |error verifying flags?|flag provided but not defined|invalid value |conflicting environment variable)/i.test(
      line,
    )
  ) {
    return { weight: 'error', text: line.replace(/^Error: /i, '') };
  }
  return { weight: 'other', text: line };
}

function readZap(line: string): ReadLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry !== 'object' || entry === null || !('level' in entry) || !('msg' in entry)) return undefined;
    const error = 'error' in entry && typeof entry.error === 'string' ? entry.error : undefined;
    const message = String(entry.msg);
    return {
      weight: zapWeights[String(entry.level)] ?? 'other',
      text: error === undefined ? message : `${message}: ${error}`,
    };
  } catch {
    return undefined;
  }
}

function shorten(text: string): string {
  const plain = text.replace(/\s+/g, ' ').trim();
  return plain.length > 160 ? `${plain.slice(0, 159)}…` : plain;
}
